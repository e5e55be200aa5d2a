//! Finds fields that no value has, wherever a script names them. A run finds only those that it comes by, so this follows the types of
//! values through the syntax tree, into all branches and called functions. What it cannot tell for sure it leaves alone.

mod calls;
mod changes;
mod flow;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rhai::{AST, ASTNode, Expr, Position, Stmt};

use self::changes::Changes;
use super::faults::did_you_mean;
use super::limits::overdue;
use super::value_types::{FieldTypes, ValueType};

/// A field that does not exist.
pub(super) struct UnknownField {
    /// The file, by its place among those that were checked.
    pub file: usize,
    pub position: Position,
    /// What stands there.
    pub text: String,
    pub message: String,
    pub help: String,
}

/// Names that a script finds everywhere, with what they stand for.
pub(super) type Names<'a> = [(&'a str, ValueType)];

/// Every field that does not exist, in a script's files by their names, itself first. It finds `names`, and casebridge calls its functions
/// `entries` with these types.
pub(super) fn unknown_fields(files: &[(String, &AST)], names: &Names<'_>, entries: &[(&str, Vec<ValueType>)]) -> Vec<UnknownField> {
    let Some((_, script)) = files.first() else { return Vec::new() };
    let mut check = FieldCheck {
        types: FieldTypes::all(),
        files: files.iter().map(|(_, ast)| File::of(ast, files)).collect(),
        names,
        frame: Frame::default(),
        depth: 0,
        answers: BTreeMap::new(),
        answered: Vec::new(),
        faults: Vec::new(),
    };
    check.frame.changes = Changes::of(script.statements(), &check.files[0]);
    check.block(script.statements());
    for (name, types) in entries {
        if let Some(function) = check.function(0, name, types.len()) {
            check.call(0, &function, types.clone(), ValueType::Nothing);
        }
    }
    // A function that nothing is known to call may get anything.
    for function in check.files[0].functions.values().flatten().cloned().collect::<Vec<_>>() {
        if !check.answers.keys().any(|call| call.file == 0 && *call.name == *function.name) {
            check.call(0, &function, Vec::new(), ValueType::Unknown);
        }
    }
    let mut places = BTreeSet::new();
    check.faults.retain(|fault| places.insert((fault.file, fault.position.line(), fault.position.position())));
    check.faults.sort_by_key(|fault| (fault.file, fault.position.line(), fault.position.position()));
    check.faults
}

/// One file of a script: itself, or a module that it imports.
#[derive(Default)]
struct File {
    functions: BTreeMap<String, Vec<Arc<Function>>>,
    /// Files by the names that they are imported by.
    imports: BTreeMap<String, usize>,
    /// Variables that closures change, at a time that nobody knows.
    by_closures: BTreeSet<String>,
    /// Functions that change what they are called on.
    changing_this: BTreeSet<String>,
}

struct Function {
    name: String,
    parameters: Vec<String>,
    body: Vec<Stmt>,
}

impl Function {
    /// Rhai shows the statements of functions only to who walks through them.
    fn of(ast: &AST, name: &str, parameters: &[&str]) -> Function {
        let mut alone = ast.clone_functions_only();
        alone.retain_functions(|_, _, known, count| known == name && count == parameters.len());
        let mut body = Vec::new();
        alone.walk(&mut |path| {
            if let [ASTNode::Stmt(statement)] = path {
                body.push((*statement).clone());
            }
            true
        });
        Function { name: name.to_owned(), parameters: parameters.iter().map(|name| (*name).to_owned()).collect(), body }
    }
}

impl File {
    fn of(ast: &AST, files: &[(String, &AST)]) -> File {
        let functions: Vec<Function> = ast.iter_functions().map(|function| Function::of(ast, function.name, &function.params)).collect();
        let mut file = File { imports: imports(ast, files), ..File::default() };
        loop {
            let known = file.changing_this.len();
            for function in &functions {
                let changes = Changes::of(&function.body, &file);
                if changes.has("this") {
                    file.changing_this.insert(function.name.clone());
                }
                if function.name.starts_with("anon$") {
                    file.by_closures.extend(changes.names());
                }
            }
            // One that calls such a function on `this` is another.
            if file.changing_this.len() == known {
                break;
            }
        }
        for function in functions {
            file.functions.entry(function.name.clone()).or_default().push(Arc::new(function));
        }
        file
    }
}

fn imports(ast: &AST, files: &[(String, &AST)]) -> BTreeMap<String, usize> {
    let mut imports: BTreeMap<String, Option<usize>> = BTreeMap::new();
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last()
            && let Expr::StringConstant(path, _) = &import.0
        {
            let file = files.iter().position(|(name, _)| **name == **path || name.strip_suffix(".rhai") == Some(&**path));
            // A name that stands for two files, each in another function, is not followed.
            imports
                .entry(import.1.name.to_string())
                .and_modify(|known| *known = known.filter(|known| Some(*known) == file))
                .or_insert(file);
        }
        true
    });
    imports.into_iter().filter_map(|(name, file)| Some((name, file?))).collect()
}

/// A call with these types.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Call {
    file: usize,
    name: Arc<str>,
    types: Vec<ValueType>,
    this: ValueType,
}

/// The function that is looked at.
#[derive(Default)]
struct Frame {
    file: usize,
    variables: Vec<(String, ValueType)>,
    this: ValueType,
    changes: Changes,
    /// What it answers before its end.
    returned: Option<ValueType>,
}

struct FieldCheck<'a> {
    types: &'a FieldTypes,
    files: Vec<File>,
    names: &'a Names<'a>,
    frame: Frame,
    depth: usize,
    /// What functions answer; something unknown while they are looked at.
    answers: BTreeMap<Call, ValueType>,
    /// The same calls in their order.
    answered: Vec<Call>,
    faults: Vec<UnknownField>,
}

/// No script's functions are looked at for more combinations of types.
const MOST_CALLS: usize = 2_000;
/// Nor is an expression that is deeper within others, those of the functions that called its own included.
const DEEPEST: usize = 150;

impl FieldCheck<'_> {
    /// Whether it is to end here: too deep, or over the time that reading a script may take.
    fn is_over(&self) -> bool {
        self.depth >= DEEPEST || overdue().is_some()
    }

    fn function(&self, file: usize, name: &str, parameters: usize) -> Option<Arc<Function>> {
        let named = self.files[file].functions.get(name)?;
        named.iter().find(|function| function.parameters.len() == parameters).cloned()
    }

    /// The type of a field, or of an item by a constant text; one that does not exist is a fault.
    fn field(&mut self, of: &ValueType, name: &str, position: Position, by_index: bool) -> ValueType {
        let (message, help) = match (self.types.field(of, name), of) {
            (Ok(_), ValueType::Value(kind)) if by_index && !FieldTypes::is_map(kind) => {
                (format!("{kind} is no map, and has no `[\"{name}\"]`"), Some(format!("write `.{name}`")))
            }
            (Ok(kind), _) => return kind,
            (Err(fields), _) => {
                let of = match of {
                    ValueType::Value(of) => &**of,
                    ValueType::List(_) => "a list",
                    _ => "a text, a number, or true or false",
                };
                let listed = (!fields.is_empty()).then(|| format!("there are: {}", fields.join(", ")));
                (format!("there is no property `{name}` of {of}"), did_you_mean(name, fields.iter().copied()).or(listed))
            }
        };
        let text = if by_index { format!("\"{name}\"") } else { name.to_owned() };
        let help = help.unwrap_or_else(|| "docs/scripts.md has every property".to_owned());
        self.faults.push(UnknownField { file: self.frame.file, position, text, message, help });
        ValueType::Unknown
    }
}
