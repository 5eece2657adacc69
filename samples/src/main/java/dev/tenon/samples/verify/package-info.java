/**
 * Runs tests in the layout of the ONNX project's backend tests: a folder with {@code model.onnx} and folders
 * {@code test_data_set_N} with inputs and expected outputs.
 *
 * <p>What must not live here: knowledge of single tests; what is left out is named in an expectation file.
 */
package dev.tenon.samples.verify;
