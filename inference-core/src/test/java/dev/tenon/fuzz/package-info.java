/**
 * The fuzzer: it changes files field by field, and checks that each changed file is refused by a typed exception, or
 * gives a model that runs, soon, with little memory, and in the same way a second time.
 *
 * <p>{@code Seeds} collects files: small models of the corpus, a model of each case of an operator, trees, tokenizers, texts,
 * images. Mutations change them: {@code OnnxMutation} knows the messages of ONNX, {@code PackageMutation} the manifest of a package,
 * {@code TreeMutation} JSON, UBJSON and text, {@code ImageMutation} the chunks of PNG; {@code dev.tenon.testkit.fuzz} has those for
 * documents of JSON, texts and arrays, and {@code Campaign}, which changes and judges files again and again.
 * {@code OperatorGenerator} makes models of one operator anew. {@code Oracle}, {@code TextOracle} and {@code ImageOracle} say what
 * is done with a file. Recipes, checkpoints and archives of arrays have their fuzzer in the tests of {@code compression}.
 *
 * <p>{@code FuzzTest} runs a short campaign in each build. {@code FuzzCampaignTest} runs for {@code -Dtenon.fuzz.minutes}.
 * A file that a campaign found is kept below {@code resources/fuzz}, and {@code FuzzFindingsTest} replays all of these.
 *
 * <p>Must not live here: tests of single faults, which belong beside the code. To add a format: a {@code Mutation}, its
 * seeds, and how the oracle reads it.
 */
package dev.tenon.fuzz;
