/**
 * Tests of models of tables. Trained models are compared with stored outputs of ONNX Runtime, random models with ONNX
 * Runtime itself.
 *
 * <p>Must not live here: expected numbers that Tenon computed. To add a trained model: put its folder into the folder
 * that {@code -Dtenon.shared} names, and add one line to {@link dev.tenon.samples.tabular.TrainedModelsTest}.
 */
package dev.tenon.samples.tabular;
