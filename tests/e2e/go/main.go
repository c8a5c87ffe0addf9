// lib/pq: driver SCENARIO, the connection's parameters in the environment.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"reflect"
	"time"

	"github.com/lib/pq"
)

func connect() *sql.DB {
	e := os.Getenv
	db, err := sql.Open("postgres", fmt.Sprintf(
		"host=%s port=%s user=%s password='%s' dbname=%s sslmode=verify-full sslrootcert=%s connect_timeout=20",
		e("PGHOST"), e("PGPORT"), e("PGUSER"), e("PGPASSWORD"), e("PGDATABASE"), e("PGSSLROOTCERT")))
	must(err)
	return db
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func equal(expected, got interface{}) {
	if !reflect.DeepEqual(expected, got) {
		panic(fmt.Sprintf("expected %v, got %v", expected, got))
	}
}

func sqlstate(err error) string {
	var from *pq.Error
	if !errors.As(err, &from) {
		panic(fmt.Sprintf("not an error of the server: %v", err))
	}
	return string(from.Code)
}

func one(db *sql.DB, query string, arguments ...interface{}) (n int) {
	must(db.QueryRow(query, arguments...).Scan(&n))
	return n
}

var scenarios = map[string]func(db *sql.DB){
	"parameters": func(db *sql.DB) {
		var body string
		var payload []byte
		var tags []string
		must(db.QueryRow("insert into notes (body, payload, tags) values ($1, $2, $3) returning body, payload, tags",
			"naïve 😀", []byte{0, 1, 255}, pq.Array([]string{"a", `b"c`})).Scan(&body, &payload, pq.Array(&tags)))
		equal("naïve 😀", body)
		equal([]byte{0, 1, 255}, payload)
		equal([]string{"a", `b"c`}, tags)
	},
	"simple": func(db *sql.DB) {
		rows, err := db.Query("select 1; select 2")
		must(err)
		seen := 0
		for more := true; more; more = rows.NextResultSet() {
			for rows.Next() {
				seen++
			}
		}
		must(rows.Err())
		equal(2, seen)
	},
	"prepared": func(db *sql.DB) {
		statement, err := db.Prepare("select $1::int * 2")
		must(err)
		for n := 0; n < 20; n++ {
			var got int
			must(statement.QueryRow(n).Scan(&got))
			equal(n*2, got)
		}
		must(statement.Close())
	},
	"transaction": func(db *sql.DB) {
		tx, err := db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelSerializable})
		must(err)
		_, err = tx.Exec("insert into notes (body) values ('lost')")
		must(err)
		_, err = tx.Exec("select 1/0")
		equal("22012", sqlstate(err))
		_, err = tx.Exec("select 1")
		equal("25P02", sqlstate(err))
		must(tx.Rollback())
		equal(0, one(db, "select count(*) from notes"))
	},
	"copy": func(db *sql.DB) {
		tx, err := db.Begin()
		must(err)
		statement, err := tx.Prepare(pq.CopyIn("notes", "body", "amount"))
		must(err)
		for n := 0; n < 20000; n++ {
			_, err = statement.Exec(fmt.Sprintf("line %d\t\\", n), n)
			must(err)
		}
		_, err = statement.Exec()
		must(err)
		must(statement.Close())
		must(tx.Commit())
		equal(20000, one(db, "select count(distinct body) from notes"))
	},
	"cancel": func(db *sql.DB) {
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		defer cancel()
		_, err := db.ExecContext(ctx, "select pg_sleep(67)")
		if err == nil {
			panic("not cancelled")
		}
		equal(7, one(db, "select 7"))
	},
	"pool": func(db *sql.DB) {
		db.SetMaxOpenConns(5)
		done := make(chan int)
		for n := 0; n < 60; n++ {
			go func() { done <- one(db, "select count(*) from traces") }()
		}
		for n := 0; n < 60; n++ {
			equal(10000, <-done)
		}
	},
	"denied": func(db *sql.DB) {
		db.SetMaxOpenConns(1)
		for n := 0; n < 3; n++ {
			_, err := db.Exec("delete from traces where false")
			equal("42501", sqlstate(err))
			_, err = db.Exec("delete from traces where model = $1", "none")
			equal("42501", sqlstate(err))
			_, err = db.Prepare("select * from feedback where score = $1")
			equal("42501", sqlstate(err))
		}
		equal(10000, one(db, "select count(*) from traces"))
	},
}

func main() {
	db := connect()
	scenarios[os.Args[1]](db)
	must(db.Close())
}
