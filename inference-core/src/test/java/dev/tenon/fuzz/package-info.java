/**
 * The fuzzer: it changes files field by field, and checks that each changed file is refused by a typed exception, or
 * gives a model that runs, soon, with little memory, and in the same way a second time.
 *
 * <p>{@code Seeds} collects files: small models of the corpus, a model of each case of an operator, trees. {@code Mutation}s
 * change them: {@code OnnxMutation} knows the messages of ONNX, {@code PackageMutation} the manifest of a package,
 * {@code TreeMutation} JSON, UBJSON and text, {@code NpyMutation} the header of NumPy. {@code OperatorGenerator} makes models of
 * one operator anew. {@code Oracle} loads and runs the result. {@code Campaign} does this again
 * and again, keeps files that end in a new way as further seeds, and counts how files end.
 *
 * <p>{@code FuzzTest} runs a short campaign in each build. {@code FuzzCampaignTest} runs for {@code -Dtenon.fuzz.minutes}.
 * A file that a campaign found is kept below {@code resources/fuzz}, and {@code FuzzFindingsTest} replays all of these.
 *
 * <p>Must not live here: tests of single faults, which belong beside the code. To add a format: a {@code Mutation}, its
 * seeds, and how the oracle reads it.
 */
package dev.tenon.fuzz;
