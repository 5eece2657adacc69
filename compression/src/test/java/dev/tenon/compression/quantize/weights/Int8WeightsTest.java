package dev.tenon.compression.quantize.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.Model;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.ModelSize;
import dev.tenon.compression.Samples;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.calibrate.GramMatrix;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Int8WeightsTest {
    private static final double AS_FLOAT = 2e-5;
    private static final double AS_INT8 = 2e-2;

    private static Model convolution() {
        GraphBuilder b = new GraphBuilder("convolution");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(1, 4, 6, 6)));
        Value w = b.constant("w", Int4WeightsTest.random(1, 0.3, 6, 2, 3, 3));
        Value y = b.add(Conv.of(Attributes.none().with("group", 2L)), "conv", List.of(x, w), List.of("y"))
                .getFirst();
        return Model.of(b.output(y).build());
    }

    private static void check(Model model, Int8Weights step, Map<String, Tensor> inputs, String output)
            throws OrtException {
        StepContext context = StepContext.of(Samples.of(List.of(inputs)).bind(model.inputs()), 0);
        Model found = step.apply(model, context);
        byte[] file = SavedModel.bytes(found);
        Tensor expected = found.predict(inputs).tensor(output);
        assertThat(Peer.difference(
                        Model.load(ByteBuffer.wrap(file)).predict(inputs).tensor(output), expected))
                .isLessThan(AS_FLOAT);
        for (OptLevel level : List.of(OptLevel.NO_OPT, OptLevel.ALL_OPT)) {
            assertThat(Peer.difference(Peer.run(file, level, inputs).get(output), expected))
                    .as(level.toString())
                    .isLessThan(AS_FLOAT);
        }
        // By default, ONNX Runtime rounds the operands of products with dequantised weights to int8.
        assertThat(Peer.difference(Peer.run(file, OptLevel.ALL_OPT, inputs, "4").get(output), expected))
                .isLessThan(AS_INT8);
        assertThat(Peer.difference(expected, model.predict(inputs).tensor(output)))
                .isBetween(1e-6, 0.03);
        assertThat(context.layers())
                .isNotEmpty()
                .allMatch(layer -> layer.bits() == 8 && layer.sqnr().orElseThrow() > 36);
        assertThat(SavedModel.bytes(step.apply(model, context))).isEqualTo(file);
    }

    @Test
    void savedModelsRunInOnnxRuntime() throws OrtException {
        check(Int4WeightsTest.model(), QuantizeWeights.int8(), Int4WeightsTest.inputs(3), "h");
        check(convolution(), QuantizeWeights.int8(), Map.of("x", Int4WeightsTest.random(5, 1, 1, 4, 6, 6)), "y");
        check(
                convolution(),
                QuantizeWeights.int8().rounding(new GptqRounding()),
                Map.of("x", Int4WeightsTest.random(5, 1, 1, 4, 6, 6)),
                "y");
    }

    @Test
    void weightsTakeAQuarterOfTheBytes() {
        Model model = Int4WeightsTest.model();
        Model found = QuantizeWeights.int8().apply(model, StepContext.of(null, 0));
        long bytes = 4L * ModelSize.parameters(model.graph());
        assertThat(ModelSize.bytes(model) - ModelSize.bytes(found)).isGreaterThan((long) (0.65 * bytes));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 7})
    void gptqMakesTheOutputsOfAConvolutionChangeLess(int most) {
        Model model = convolution();
        LinearLayer layer = LinearLayer.of(model.graph()).getFirst();
        GramMatrix gram = new GramMatrix(layer);
        Tensor x = Int4WeightsTest.random(7, 1, 1, 4, 6, 6);
        Tensor smooth = Tensor.allocate(DType.FLOAT32, 1, 4, 6, 6);
        for (long i = 0; i < smooth.size(); i++) {
            smooth.setDouble(i, 0.2 * x.getFloat(i) + Math.sin(i % 36 / 6.0) + Math.floorDiv(i, 36));
        }
        gram.add(smooth);
        float[] matrix = layer.matrix();
        float[] scales = new float[layer.outputs()];
        Arrays.fill(scales, 0.9f / most);
        int[] codes = new GptqRounding().round(layer, matrix, scales, -most, most, gram);
        int[] ordered = GptqRounding.ordered().round(layer, matrix, scales, -most, most, gram);
        int[] nearest = new int[codes.length];
        for (int i = 0; i < codes.length; i++) {
            nearest[i] = (int) Math.max(-most, Math.min(most, Math.rint(matrix[i] / scales[0])));
            assertThat(codes[i]).isBetween(-most, most);
        }
        double plain = error(layer, gram, matrix, nearest, scales);
        assertThat(error(layer, gram, matrix, codes, scales)).isLessThan(0.5 * plain);
        assertThat(error(layer, gram, matrix, ordered, scales)).isLessThan(0.5 * plain);
    }

    private static double error(LinearLayer layer, GramMatrix gram, float[] matrix, int[] codes, float[] scales) {
        int terms = layer.terms();
        int rows = layer.outputs() / layer.groups();
        double sum = 0;
        for (int row = 0; row < layer.outputs(); row++) {
            double[] h = gram.of(row / rows);
            for (int i = 0; i < terms; i++) {
                for (int j = 0; j < terms; j++) {
                    int at = row * terms;
                    sum += (matrix[at + i] - codes[at + i] * scales[row])
                            * h[i * terms + j]
                            * (matrix[at + j] - codes[at + j] * scales[row]);
                }
            }
        }
        return sum;
    }

    @Test
    void rowsOfZerosStay() {
        GraphBuilder b = new GraphBuilder("zeros");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(2, 40)));
        float[] w = new float[40 * 3];
        Random random = new Random(1);
        for (int i = 0; i < 40; i++) {
            w[3 * i] = (float) random.nextGaussian();
        }
        Value product = b.add(new MatMul(), x, b.constant("w", Tensor.of(w, 40, 3)));
        Model model = Model.of(b.output("y", product).build());
        StepContext context = StepContext.of(null, 0);
        float[] y = QuantizeWeights.int8()
                .apply(model, context)
                .predict(Map.of("x", Int4WeightsTest.random(1, 1, 2, 40)))
                .tensor("y")
                .toFloatArray();
        assertThat(y[1]).isZero();
        assertThat(y[5]).isZero();
        assertThat(context.layers()).extracting(LayerReport::sparsity).allMatch(share -> share > 0.6);
    }
}
