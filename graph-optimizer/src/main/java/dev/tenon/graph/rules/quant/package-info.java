/**
 * Rules for quantised models: conversions that undo each other, and quantised operators that are computed in float32.
 * {@code FakeQuantRules} says why float32, and {@code FloatSums} how results keep their bits there. {@code IntegerWeights}
 * bounds the sums of products, and {@code QuantizationGrid} proves that values are integers times a scale. On machines that
 * multiply bytes, {@code ByteRules}, {@code RequantizedProductRules} and {@code ByteSumRules} keep operators in bytes, {@code QdqRules} and {@code
 * DequantizedProductRules} make operators of bytes of floats between conversions.
 *
 * <p>Rules that fold scales of quantised models into weights are in {@code linear}. To add a rule, see {@link
 * dev.tenon.graph.rules}.
 */
package dev.tenon.graph.rules.quant;
