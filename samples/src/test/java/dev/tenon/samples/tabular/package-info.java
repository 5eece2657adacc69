/**
 * Models of tables: trained ones against stored outputs of ONNX Runtime, random ones against ONNX Runtime itself.
 *
 * <p>What must not live here: numbers copied from our own output. To add a trained model: its folder under the one that
 * {@code -Dtenon.shared} names, and a line in {@link dev.tenon.samples.tabular.TrainedModelsTest}.
 */
package dev.tenon.samples.tabular;
