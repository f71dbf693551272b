use super::*;
use crate::render::tests::with_run;
use expect_test::expect;
use serde_json::Value;

mod audit;

fn document() -> Value {
    with_run(false, |run| serde_json::to_value(sarif(run)).unwrap())
}

#[test]
fn findings_have_their_places_and_what_becomes_of_them() {
    let mut run = document()["runs"][0].take();
    // Every new rule would change these.
    run["tool"]["driver"]["rules"] = Value::Null;
    let invocation = &mut run["invocations"][0]["toolExecutionNotifications"];
    for notification in invocation.as_array_mut().unwrap() {
        notification["associatedRule"]["index"] = Value::Null;
    }
    for result in run["results"].as_array_mut().unwrap() {
        result["ruleIndex"] = Value::Null;
    }
    expect![[r#"
        {
          "automationDetails": {
            "id": "release-check/"
          },
          "columnKind": "unicodeCodePoints",
          "invocations": [
            {
              "executionSuccessful": true,
              "exitCode": 1,
              "toolExecutionNotifications": [
                {
                  "associatedRule": {
                    "id": "pin-unpublished",
                    "index": null
                  },
                  "level": "note",
                  "message": {
                    "text": "skipped pin-unpublished: not asked: `--online`"
                  }
                },
                {
                  "associatedRule": {
                    "id": "tag-off-branch",
                    "index": null
                  },
                  "level": "note",
                  "message": {
                    "text": "skipped tag-off-branch: in part"
                  }
                }
              ]
            }
          ],
          "originalUriBaseIds": {
            "%SRCROOT%": {
              "description": {
                "text": "the root of the repository that was checked"
              }
            }
          },
          "properties": {
            "branch": "release-0.4.x",
            "revision": "c0ffee"
          },
          "results": [
            {
              "fixes": [
                {
                  "artifactChanges": [
                    {
                      "artifactLocation": {
                        "uri": "pyproject.toml",
                        "uriBaseId": "%SRCROOT%"
                      },
                      "replacements": [
                        {
                          "deletedRegion": {
                            "endColumn": 18,
                            "endLine": 3,
                            "startColumn": 11,
                            "startLine": 3
                          },
                          "insertedContent": {
                            "text": "'0.4.6'"
                          }
                        },
                        {
                          "deletedRegion": {
                            "endColumn": 11,
                            "endLine": 3,
                            "startColumn": 11,
                            "startLine": 3
                          },
                          "insertedContent": {
                            "text": ""
                          }
                        }
                      ]
                    }
                  ],
                  "description": {
                    "text": "mend it"
                  }
                }
              ],
              "level": "error",
              "locations": [
                {
                  "message": {
                    "text": "a flower"
                  },
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "pyproject.toml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "endColumn": 20,
                      "endLine": 2,
                      "startColumn": 19,
                      "startLine": 2
                    }
                  }
                }
              ],
              "message": {
                "text": "two places\nhelp: mend it"
              },
              "partialFingerprints": {
                "releaseCheck/v1": "d7642bb1193e5955"
              },
              "relatedLocations": [
                {
                  "id": 1,
                  "message": {
                    "text": "not read"
                  },
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "a%20b/%2541%22%C3%A9%23%3F.toml",
                      "uriBaseId": "%SRCROOT%"
                    }
                  }
                }
              ],
              "ruleId": "pin-operator",
              "ruleIndex": null
            },
            {
              "level": "warning",
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "pyproject.toml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "endColumn": 18,
                      "endLine": 3,
                      "startColumn": 11,
                      "startLine": 3
                    }
                  }
                }
              ],
              "message": {
                "text": "another"
              },
              "partialFingerprints": {
                "releaseCheck/v1": "bfd4e7227928ff09"
              },
              "ruleId": "pin-operator",
              "ruleIndex": null
            },
            {
              "level": "error",
              "locations": [
                {
                  "message": {
                    "text": "a <b> & \"c\" 'd' ]]> %\\u{1b}[31m\\u{0}\\u{ffff} ä\\r\\n\\tz"
                  },
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "file:///etc/release%20toml"
                    }
                  }
                }
              ],
              "message": {
                "text": "a <b> & \"c\" 'd' ]]> %\\u{1b}[31m\\u{0}\\u{ffff} ä\\r\\n\\tz"
              },
              "partialFingerprints": {
                "releaseCheck/v1": "0579e955d01920f3"
              },
              "ruleId": "config-unknown-rule",
              "ruleIndex": null
            },
            {
              "level": "error",
              "locations": [
                {
                  "logicalLocations": [
                    {
                      "kind": "tag",
                      "name": "v0.4.4"
                    }
                  ],
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "pyproject.toml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "endColumn": 18,
                      "endLine": 3,
                      "startColumn": 11,
                      "startLine": 3
                    }
                  }
                }
              ],
              "message": {
                "text": "v0.4.4 is off its branch"
              },
              "partialFingerprints": {
                "releaseCheck/v1": "15a79dd7fc1c3a19"
              },
              "ruleId": "tag-off-branch",
              "ruleIndex": null
            },
            {
              "level": "warning",
              "locations": [
                {
                  "logicalLocations": [
                    {
                      "kind": "branch",
                      "name": "release-0.4.x"
                    }
                  ],
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "pyproject.toml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "endColumn": 18,
                      "endLine": 3,
                      "startColumn": 11,
                      "startLine": 3
                    }
                  }
                }
              ],
              "message": {
                "text": "it is behind"
              },
              "partialFingerprints": {
                "releaseCheck/v1": "5a97c85a2858fc39"
              },
              "ruleId": "branch-behind",
              "ruleIndex": null
            },
            {
              "level": "error",
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "pyproject.toml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "endColumn": 18,
                      "endLine": 3,
                      "startColumn": 11,
                      "startLine": 3
                    }
                  }
                }
              ],
              "message": {
                "text": "another"
              },
              "partialFingerprints": {
                "releaseCheck/v1": "1c9de56d88648f30"
              },
              "ruleId": "pin-version",
              "ruleIndex": null,
              "suppressions": [
                {
                  "justification": "later",
                  "kind": "external",
                  "status": "accepted"
                }
              ]
            },
            {
              "level": "error",
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "pyproject.toml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "endColumn": 18,
                      "endLine": 3,
                      "startColumn": 11,
                      "startLine": 3
                    }
                  }
                }
              ],
              "message": {
                "text": "another"
              },
              "partialFingerprints": {
                "releaseCheck/v1": "02d83d97a481c764"
              },
              "ruleId": "pin-tables",
              "ruleIndex": null,
              "suppressions": [
                {
                  "justification": "a <b> & \"c\" 'd' ]]> %\u001b[31m\u0000￿ ä\r\n\tz",
                  "kind": "inSource",
                  "status": "accepted"
                }
              ]
            },
            {
              "level": "error",
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "pyproject.toml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "endColumn": 18,
                      "endLine": 3,
                      "startColumn": 11,
                      "startLine": 3
                    }
                  }
                }
              ],
              "message": {
                "text": "another"
              },
              "partialFingerprints": {
                "releaseCheck/v1": "0080ba9561c073f9"
              },
              "ruleId": "pin-duplicate",
              "ruleIndex": null,
              "suppressions": [
                {
                  "kind": "external",
                  "status": "accepted"
                }
              ]
            }
          ],
          "tool": {
            "driver": {
              "name": "cargo xtask release check",
              "rules": null,
              "semanticVersion": "0.1.0",
              "version": "0.1.0"
            }
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&run).unwrap());
}

#[test]
fn every_rule_is_described_and_results_point_at_theirs() {
    let document = document();
    let run = &document["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), OF_TREES.len());
    for rule in rules {
        let full = rule["fullDescription"]["text"].as_str().unwrap();
        assert!(!full.is_empty() && !full.contains("## "), "{rule}");
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Why is this bad?"), "{rule}");
    }
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

#[test]
fn every_result_has_a_file_because_a_report_with_one_that_has_none_is_refused() {
    for result in document()["runs"][0]["results"].as_array().unwrap() {
        assert!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].is_string(), "{result}");
    }
}

#[test]
fn paths_are_uris() {
    for (path, uri) in [
        ("src/a-b_c.d~/x", "src/a-b_c.d~/x"),
        ("a b/100%.toml", "a%20b/100%25.toml"),
        ("a:b", "a%3Ab"),
        ("ä\u{1}\"#?\\", "%C3%A4%01%22%23%3F%5C"),
    ] {
        assert_eq!(percent_encoded(path, b"/"), uri);
    }
}
