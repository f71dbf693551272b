use super::*;
use std::fs;

fn surroundings(variables: &[(&str, &str)], trees: Vec<Utf8PathBuf>) -> Surroundings {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Surroundings::from(&variable, trees)
}

#[test]
fn only_allowed_names_are_passed_on_and_proxies_without_credentials() {
    let found = surroundings(
        &[
            ("LANG", "C.UTF-8"),
            ("SSL_CERT_FILE", "/etc/ssl/own.pem"),
            ("https_proxy", "http://proxy.example:3128"),
            ("HTTP_PROXY", "http://me:s3cret@proxy.example"),
            ("NO_PROXY", "localhost"),
            ("UV_INDEX_X_PASSWORD", "s3cret"),
            ("NPM_TOKEN", "s3cret"),
            ("npm_config_registry", "https://r.example"),
            ("NODE_OPTIONS", "--require ./x.js"),
            ("LD_PRELOAD", "x.so"),
            ("LC_SECRET", "s3cret"),
            ("HOME", "/nowhere"),
        ],
        Vec::new(),
    );
    let names: Vec<&str> = found.variables.keys().map(String::as_str).collect();
    assert_eq!(names, ["LANG", "NO_PROXY", "PATH", "SSL_CERT_FILE", "https_proxy"]);
    assert_eq!(found.withheld, ["HTTP_PROXY has credentials, and is not passed on"]);
}

#[test]
fn where_programs_are_installed_is_said_when_the_home_is_another() {
    let home = tempfile::tempdir().unwrap();
    let home = Utf8Path::from_path(home.path()).unwrap();
    fs::create_dir_all(home.join(".pyenv")).unwrap();
    fs::create_dir_all(home.join(".volta")).unwrap();
    let found = surroundings(&[("HOME", home.as_str()), ("VOLTA_HOME", "/opt/volta")], Vec::new());
    assert_eq!(found.variables["PYENV_ROOT"], home.join(".pyenv"));
    assert_eq!(found.variables["VOLTA_HOME"], "/opt/volta");
    assert!(!found.variables.contains_key("HOME"));
}

#[test]
fn a_program_of_the_tree_is_not_taken_by_whatever_way_the_path_leads_there() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8PathBuf::try_from(folder.path().canonicalize().unwrap()).unwrap();
    let (tree, outside) = (root.join("tree"), root.join("outside"));
    let program = |path: &Utf8Path, mode: u32| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    program(&tree.join("npm"), 0o755);
    program(&tree.join("node_modules/.bin/npm"), 0o755);
    program(&root.join("no-program/npm"), 0o644);
    fs::create_dir(root.join("linked")).unwrap();
    std::os::unix::fs::symlink(tree.join("npm"), root.join("linked/npm")).unwrap();
    std::os::unix::fs::symlink(&tree, root.join("link")).unwrap();
    let left = format!(".:bin:{tree}:{tree}/node_modules/.bin:{root}/link:{root}/outside/../tree");
    let passed = format!("{root}/no-program:{root}/linked");
    let find = |path: &str| {
        let found = surroundings(&[("PATH", path)], vec![tree.clone()]);
        (found.find("npm"), found.variables["PATH"].clone(), found.left())
    };
    fs::create_dir(&outside).unwrap();
    let (found, path, said) = find(&format!("{left}:{passed}"));
    assert_eq!((found, path.as_str()), (None, passed.as_str()));
    assert!(said.contains(&format!("{tree}/node_modules/.bin")) && said.contains("inside of the checkout"), "{said}");
    program(&outside.join("npm"), 0o755);
    assert_eq!(find(&format!("{left}:{passed}:{outside}")).0, Some(outside.join("npm")));
    assert_eq!(find(outside.as_str()).2, "");
}
