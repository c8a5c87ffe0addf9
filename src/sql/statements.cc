#include "src/sql/statements.h"

namespace tracegate::sql {
namespace {

void set_name(Statement& out, NameAction action, const char* name) {
  out.name_action = action;
  out.name = view(name);
}

}  // namespace

Statement StatementReader::read(const Node* tree) {
  Statement out;
  out.writes = false;
  walker_.begin(catalog_, search_path_);
  classify(tree, out);
  walker_.finish();
  walker_.draft().finish(out);
  return out;
}

void StatementReader::classify(const Node* tree, Statement& out) {
  if (tree != nullptr &&
      (classify_query(tree, out) || classify_session(tree, out) || classify_utility(tree, out)))
    return;
  out.statement_class = StatementClass::kUnknown;
  walker_.draft().refuse_unseen("0A000", "statements of this kind are not supported", -1);
}

bool StatementReader::classify_query(const Node* tree, Statement& out) {
  switch (static_cast<int>(tree->type)) {
    case T_SelectStmt:
      out.statement_class = StatementClass::kSelect;
      break;
    case T_InsertStmt:
      out.statement_class = StatementClass::kInsert;
      break;
    case T_UpdateStmt:
      out.statement_class = StatementClass::kUpdate;
      break;
    case T_DeleteStmt:
      out.statement_class = StatementClass::kDelete;
      break;
    case T_MergeStmt:
      out.statement_class = StatementClass::kMerge;
      break;
    case T_CopyStmt:
      copy(as<CopyStmt>(tree), out);
      return true;
    default:
      return false;
  }
  walker_.query_of_client(tree);
  // SELECT INTO is CREATE TABLE AS in other words.
  if (walker_.draft().has_operation(Operation::kDdl)) out.statement_class = StatementClass::kDdl;
  return true;
}

// Statements that act on the session and its names.
bool StatementReader::classify_session(const Node* tree, Statement& out) {
  Draft& draft = walker_.draft();
  switch (static_cast<int>(tree->type)) {
    case T_TransactionStmt:
      transaction(as<TransactionStmt>(tree), out);
      return true;
    case T_VariableSetStmt:
      set(as<VariableSetStmt>(tree), out);
      return true;
    case T_ConstraintsSetStmt:
      out.statement_class = StatementClass::kSet;
      out.settings.push_back({"constraints",
                              {as<ConstraintsSetStmt>(tree).deferred ? "deferred" : "immediate"},
                              false});
      if (as<ConstraintsSetStmt>(tree).constraints != nullptr)
        walker_.found_lookup("SET CONSTRAINTS of anything but ALL", -1);
      return true;
    case T_VariableShowStmt:
      out.statement_class = StatementClass::kShow;
      out.shown_settings.push_back(fold_setting_name(view(as<VariableShowStmt>(tree).name)));
      return true;
    case T_DiscardStmt:
      out.statement_class = StatementClass::kDiscard;
      if (as<DiscardStmt>(tree).target == DISCARD_ALL) out.name_action = NameAction::kDiscardAll;
      return true;
    case T_PrepareStmt:
      walker_.declare_parameters(as<PrepareStmt>(tree).argtypes);
      enclose(as<PrepareStmt>(tree).query, out);
      walker_.free_types(as<PrepareStmt>(tree).argtypes);
      out.statement_class = StatementClass::kPrepare;
      set_name(out, NameAction::kPrepare, as<PrepareStmt>(tree).name);
      return true;
    case T_ExecuteStmt:
      out.statement_class = StatementClass::kExecute;
      draft.set_writes();  // what it runs is not in this text
      walker_.free_expressions(as<ExecuteStmt>(tree).params);
      if (as<ExecuteStmt>(tree).params != nullptr)
        draft.meanings().write_type(
            kAnyType);  // they are assigned to types that are not in this text
      set_name(out, NameAction::kExecute, as<ExecuteStmt>(tree).name);
      return true;
    case T_DeallocateStmt: {
      const char* name = as<DeallocateStmt>(tree).name;
      out.statement_class = StatementClass::kDeallocate;
      set_name(out, name ? NameAction::kDeallocate : NameAction::kDeallocateAll, name);
      return true;
    }
    case T_DeclareCursorStmt:
      enclose(as<DeclareCursorStmt>(tree).query, out);
      out.statement_class = StatementClass::kDeclareCursor;
      out.with_hold = (as<DeclareCursorStmt>(tree).options & CURSOR_OPT_HOLD) != 0;
      set_name(out, NameAction::kDeclare, as<DeclareCursorStmt>(tree).portalname);
      return true;
    case T_FetchStmt:
      out.statement_class = StatementClass::kFetch;
      set_name(out, NameAction::kFetch, as<FetchStmt>(tree).portalname);
      return true;
    case T_ClosePortalStmt: {
      const char* name = as<ClosePortalStmt>(tree).portalname;
      out.statement_class = StatementClass::kCloseCursor;
      set_name(out, name ? NameAction::kClose : NameAction::kCloseAll, name);
      return true;
    }
    case T_ListenStmt:
      out.statement_class = StatementClass::kListen;
      draft.add_operation(Operation::kListen);
      return true;
    case T_UnlistenStmt:
      out.statement_class = StatementClass::kUnlisten;
      return true;
    default:
      return false;
  }
}

// The rest: every one of them writes and may hold constants at places that are not followed.
bool StatementReader::classify_utility(const Node* tree, Statement& out) {
  Draft& draft = walker_.draft();
  const auto is = [&](StatementClass statement_class, Operation operation) {
    out.statement_class = statement_class;
    draft.add_operation(operation);
    draft.set_writes();
    draft.set_has_constants();
    return true;
  };
  switch (static_cast<int>(tree->type)) {
    case T_ExplainStmt: {
      const ExplainStmt& explain = as<ExplainStmt>(tree);
      enclose(explain.query, out);
      out.statement_class = StatementClass::kExplain;
      draft.add_operation(Operation::kExplain);
      // Whether ANALYZE executes it or planning only evaluates its constants: it counts as run.
      if (has_tag(explain.query, T_ExecuteStmt))
        set_name(out, NameAction::kExecute, as<ExecuteStmt>(explain.query).name);
      return true;
    }
    case T_TruncateStmt:
      out.statement_class = StatementClass::kTruncate;
      draft.set_writes();
      on_whole_relations(Operation::kTruncate, as<TruncateStmt>(tree).relations);
      if (as<TruncateStmt>(tree).behavior == DROP_CASCADE)
        draft.refuse("42501", "TRUNCATE ... CASCADE empties tables that it does not name", -1);
      return true;
    case T_LockStmt:
      out.statement_class = StatementClass::kLock;
      draft.set_writes();
      on_whole_relations(Operation::kLock, as<LockStmt>(tree).relations);
      return true;
    case T_NotifyStmt:
      return is(StatementClass::kNotify, Operation::kNotify);
    case T_CallStmt:
      walker_.free_expression(reinterpret_cast<const Node*>(as<CallStmt>(tree).funccall));
      return is(StatementClass::kCall, Operation::kCall);
    case T_DoStmt:
      out.name_action = NameAction::kUnknown;
      return is(StatementClass::kDo, Operation::kDo);
    case T_VacuumStmt:
    case T_ClusterStmt:
    case T_ReindexStmt:
    case T_CheckPointStmt:
    case T_RefreshMatViewStmt:
      return is(StatementClass::kMaintenance, Operation::kMaintenance);
    case T_CreateTableAsStmt: {
      const Node* query = as<CreateTableAsStmt>(tree).query;
      if (has_tag(query, T_ExecuteStmt)) {
        walker_.free_expressions(as<ExecuteStmt>(query).params);
        set_name(out, NameAction::kExecute, as<ExecuteStmt>(query).name);
      } else {
        walker_.query(query);
      }
      return is(StatementClass::kDdl, Operation::kDdl);
    }
    case T_AlterCollationStmt:
    case T_AlterDatabaseRefreshCollStmt:
    case T_AlterDatabaseSetStmt:
    case T_AlterDatabaseStmt:
    case T_AlterDefaultPrivilegesStmt:
    case T_AlterDomainStmt:
    case T_AlterEnumStmt:
    case T_AlterEventTrigStmt:
    case T_AlterExtensionContentsStmt:
    case T_AlterExtensionStmt:
    case T_AlterFdwStmt:
    case T_AlterForeignServerStmt:
    case T_AlterFunctionStmt:
    case T_AlterObjectDependsStmt:
    case T_AlterObjectSchemaStmt:
    case T_AlterOpFamilyStmt:
    case T_AlterOperatorStmt:
    case T_AlterOwnerStmt:
    case T_AlterPolicyStmt:
    case T_AlterPublicationStmt:
    case T_AlterRoleSetStmt:
    case T_AlterRoleStmt:
    case T_AlterSeqStmt:
    case T_AlterStatsStmt:
    case T_AlterSubscriptionStmt:
    case T_AlterSystemStmt:
    case T_AlterTSConfigurationStmt:
    case T_AlterTSDictionaryStmt:
    case T_AlterTableMoveAllStmt:
    case T_AlterTableSpaceOptionsStmt:
    case T_AlterTableStmt:
    case T_AlterTypeStmt:
    case T_AlterUserMappingStmt:
    case T_CommentStmt:
    case T_CompositeTypeStmt:
    case T_CreateAmStmt:
    case T_CreateCastStmt:
    case T_CreateConversionStmt:
    case T_CreateDomainStmt:
    case T_CreateEnumStmt:
    case T_CreateEventTrigStmt:
    case T_CreateExtensionStmt:
    case T_CreateFdwStmt:
    case T_CreateForeignServerStmt:
    case T_CreateForeignTableStmt:
    case T_CreateFunctionStmt:
    case T_CreateOpClassStmt:
    case T_CreateOpFamilyStmt:
    case T_CreatePLangStmt:
    case T_CreatePolicyStmt:
    case T_CreatePublicationStmt:
    case T_CreateRangeStmt:
    case T_CreateRoleStmt:
    case T_CreateSchemaStmt:
    case T_CreateSeqStmt:
    case T_CreateStatsStmt:
    case T_CreateStmt:
    case T_CreateSubscriptionStmt:
    case T_CreateTableSpaceStmt:
    case T_CreateTransformStmt:
    case T_CreateTrigStmt:
    case T_CreateUserMappingStmt:
    case T_CreatedbStmt:
    case T_DefineStmt:
    case T_DropOwnedStmt:
    case T_DropRoleStmt:
    case T_DropStmt:
    case T_DropSubscriptionStmt:
    case T_DropTableSpaceStmt:
    case T_DropUserMappingStmt:
    case T_DropdbStmt:
    case T_GrantRoleStmt:
    case T_GrantStmt:
    case T_ImportForeignSchemaStmt:
    case T_IndexStmt:
    case T_LoadStmt:
    case T_ReassignOwnedStmt:
    case T_RenameStmt:
    case T_RuleStmt:
    case T_SecLabelStmt:
    case T_ViewStmt:
      return is(StatementClass::kDdl, Operation::kDdl);
    default:
      return false;
  }
}

void StatementReader::enclose(const Node* tree, Statement& out) {
  auto inner = std::make_shared<Statement>(read(tree));
  out.needs = inner->needs;
  out.operations = inner->operations;
  out.functions = inner->functions;
  out.user_defined = inner->user_defined;
  out.writes = inner->writes;
  out.has_constants = inner->has_constants;
  out.refusal = inner->refusal;
  out.inner = std::move(inner);
  walker_.begin(catalog_, search_path_);  // what follows is about the outer statement
}

void StatementReader::transaction(const TransactionStmt& statement, Statement& out) {
  out.statement_class = StatementClass::kTransaction;
  switch (statement.kind) {
    case TRANS_STMT_BEGIN:
    case TRANS_STMT_START:
    case TRANS_STMT_COMMIT:
    case TRANS_STMT_ROLLBACK:
    case TRANS_STMT_SAVEPOINT:
    case TRANS_STMT_RELEASE:
    case TRANS_STMT_ROLLBACK_TO:
      return;
    case TRANS_STMT_PREPARE:
    case TRANS_STMT_COMMIT_PREPARED:
    case TRANS_STMT_ROLLBACK_PREPARED:
      walker_.draft().add_operation(Operation::kTwoPhase);
      walker_.draft().set_writes();
      walker_.draft().set_has_constants();
      return;
  }
  walker_.draft().refuse_unseen("0A000", "a transaction statement of this kind is not supported",
                                -1);
}

void StatementReader::on_whole_relations(Operation operation, const List* relations) {
  for (const Node* item : Nodes(relations)) {
    const RangeVar& name = as<RangeVar>(item);
    const catalog::Relation* relation = walker_.find_relation(name);
    if (relation == nullptr) continue;
    walker_.draft().need(operation, *relation, name.location);
    walker_.draft().need_all(operation, *relation);
    if (operation == Operation::kTruncate)
      walker_.found_obstacle(*relation, "TRUNCATE", name.location);
  }
}

void StatementReader::copy(const CopyStmt& statement, Statement& out) {
  Draft& draft = walker_.draft();
  out.statement_class = statement.is_from ? StatementClass::kCopyIn : StatementClass::kCopyOut;
  if (statement.options != nullptr) draft.set_has_constants();
  if (statement.is_from) draft.set_writes();
  if (statement.filename != nullptr || statement.is_program) {
    // The store's own files and programs; nothing passes through the connection.
    draft.refuse("42501", "COPY to or from a file or program is not supported", -1);
    draft.set_writes();
    draft.set_has_constants();
  } else {
    out.copies_in = statement.is_from;
    out.copies_out = !statement.is_from;
    if (out.copies_out) out.copy_format = copy_format_of(statement.options);
  }
  if (statement.query != nullptr) {
    walker_.query_of_client(statement.query);
    draft.need_of_what_is_read(Operation::kCopyOut);
    return;
  }
  const RangeVar& name = *statement.relation;
  if (const catalog::Relation* relation = walker_.find_relation(name)) {
    if (statement.is_from) {
      draft.need(Operation::kCopyIn, *relation, name.location);
      walker_.target_columns(Operation::kCopyIn, *relation, statement.attlist);
    } else {
      for (const Operation operation : {Operation::kCopyOut, Operation::kSelect}) {
        draft.need(operation, *relation, name.location);
        walker_.target_columns(operation, *relation, statement.attlist);
      }
      walker_.found_copied(statement, *relation);
    }
  }
  if (statement.is_from) walker_.copy_target(statement);
}

}  // namespace tracegate::sql
