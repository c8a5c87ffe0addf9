// A parsed text: PostgreSQL's raw parse trees and the memory that holds them. Only for .cc files of
// this folder.
// Threading: an object belongs to the thread that made it, and at most one is alive per thread at a
// time (the parser's memory contexts are thread-local and nest).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/sql/analysis.h"
#include "src/sql/pg_nodes.h"

namespace tracegate::sql {

class ParseTree {
 public:
  // `text` is copied; it must not contain NUL.
  explicit ParseTree(std::string_view text);
  ParseTree(const ParseTree&) = delete;
  ParseTree& operator=(const ParseTree&) = delete;
  ~ParseTree();

  [[nodiscard]] const std::optional<SyntaxError>& error() const { return error_; }
  // A list of RawStmt, null if there is none. Valid as long as *this.
  [[nodiscard]] const List* statements() const { return statements_; }
  // The copy of the text, terminated by NUL. Valid as long as *this.
  [[nodiscard]] const char* text() const;

 private:
  MemoryContext memory_;
  const List* statements_ = nullptr;
  std::optional<SyntaxError> error_;
};

// Where statement `raw` stands in a text of `text_size` bytes, without the white space around it.
struct Extent {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};
[[nodiscard]] Extent extent_of(const RawStmt& raw, std::string_view text);

// The elements of a List of node pointers, for range-based for. A null list is empty; an element
// can be null where the grammar says so (DISTINCT without ON).
class Nodes {
 public:
  explicit Nodes(const List* list) : list_(list) {}
  class Iterator {
   public:
    explicit Iterator(const ListCell* cell) : cell_(cell) {}
    const Node* operator*() const { return static_cast<const Node*>(cell_->ptr_value); }
    Iterator& operator++() {
      ++cell_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return cell_ != other.cell_; }

   private:
    const ListCell* cell_;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(list_ ? list_->elements : nullptr); }
  [[nodiscard]] Iterator end() const {
    return Iterator(list_ ? list_->elements + list_->length : nullptr);
  }
  [[nodiscard]] std::size_t size() const {
    return list_ ? static_cast<std::size_t>(list_->length) : 0;
  }
  [[nodiscard]] const Node* operator[](std::size_t i) const {
    return static_cast<const Node*>(list_->elements[i].ptr_value);
  }

 private:
  const List* list_;
};

// The node as the type that its tag names; the caller has looked at the tag.
template <typename T>
[[nodiscard]] const T& as(const void* node) {
  return *static_cast<const T*>(node);
}
[[nodiscard]] inline bool has_tag(const void* node, NodeTag tag) {
  return node != nullptr && static_cast<const Node*>(node)->type == tag;
}
// A name that may be null, as a view ("" for null).
[[nodiscard]] inline std::string_view view(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}
// The value of a String node; "" for any other node (A_Star).
[[nodiscard]] inline std::string_view string_of(const Node* node) {
  return has_tag(node, T_String) ? view(as<String>(node).sval) : std::string_view();
}
// `name`, in double quotes if it contains a dot or a double quote: so that the function named
// "pg_catalog.lower" in one piece is not taken for lower of schema pg_catalog.
[[nodiscard]] std::string quoted_part(std::string_view name);
// The parts of a qualified name, quoted as above, joined by dots: "pg_catalog.lower".
[[nodiscard]] std::string dotted(const List* names);

}  // namespace tracegate::sql
