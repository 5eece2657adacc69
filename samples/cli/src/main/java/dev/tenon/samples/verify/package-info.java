/**
 * Runs tests in the layout of the ONNX backend tests: a folder has a {@code model.onnx} and folders
 * {@code test_data_set_N} with inputs and expected outputs.
 *
 * <p>Must not live here: knowledge of single tests. A file of expected failures names the tests that do not pass.
 */
package dev.tenon.samples.verify;
