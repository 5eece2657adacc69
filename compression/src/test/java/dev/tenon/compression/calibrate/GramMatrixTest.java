package dev.tenon.compression.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Samples;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Second moments against sums in the order of their definition. */
class GramMatrixTest {
    private static final long SEED = 27;

    private final SplittableRandom random = new SplittableRandom(SEED);

    private static Model model(String text, Tensor weights) {
        return Model.of(GraphText.parse(text, StandardOperators.set(), name -> weights));
    }

    private Tensor random(long... dims) {
        int size = 1;
        for (long dim : dims) {
            size *= (int) dim;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            // A third are zero, as after Relu.
            values[i] = random.nextInt(3) == 0 ? 0 : (float) random.nextDouble(-2, 3);
        }
        return Tensor.of(values, dims);
    }

    private static void isSumOfProducts(GramMatrix matrix, int group, List<float[]> rows) {
        double[] h = matrix.of(group);
        int terms = rows.getFirst().length;
        assertThat(h).hasSize(terms * terms);
        assertThat(matrix.rows()).isEqualTo(rows.size());
        for (int i = 0; i < terms; i++) {
            for (int j = 0; j < terms; j++) {
                double sum = 0;
                for (float[] row : rows) {
                    sum += (double) row[i] * row[j];
                }
                assertThat(h[i * terms + j]).as("[%d, %d]", i, j).isCloseTo(sum, within(1e-9));
            }
        }
    }

    @Test
    void rowsOfAProduct() {
        LinearLayer layer = LinearLayer.of(model(
                                "graph g(%x: f32[a,b,5]) { %w = const f32[5,3] @w %y = MatMul(%x, %w) return %y }",
                                random(5, 3))
                        .graph())
                .getFirst();
        GramMatrix matrix = new GramMatrix(layer);
        List<float[]> rows = new ArrayList<>();
        for (int call = 0; call < 3; call++) {
            Tensor x = random(7, 11, 5);
            matrix.add(x);
            for (int r = 0; r < 77; r++) {
                rows.add(x.reshape(77, 5).slice(r, r + 1).toFloatArray());
            }
        }
        isSumOfProducts(matrix, 0, rows);
        isSumOfProducts(matrix, 0, rows);
        assertThat(GramMatrix.bytes(layer)).isEqualTo(5 * 5 * 8);
    }

    @Test
    void moreTermsThanABlock() {
        LinearLayer layer = LinearLayer.of(model(
                                "graph g(%x: f32[a,300]) { %w = const f32[300,2] @w %y = MatMul(%x, %w) return %y }",
                                random(300, 2))
                        .graph())
                .getFirst();
        GramMatrix matrix = new GramMatrix(layer);
        Tensor x = random(9, 300);
        matrix.add(x);
        List<float[]> rows = new ArrayList<>();
        for (int r = 0; r < 9; r++) {
            rows.add(x.slice(r, r + 1).toFloatArray());
        }
        isSumOfProducts(matrix, 0, rows);
    }

    @Test
    void columnsOfATransposedOperand() {
        LinearLayer layer = LinearLayer.of(model(
                                "graph g(%x: f32[4,n]) { %w = const f32[3,4] @w"
                                        + " %y = Gemm<transA=1, transB=1>(%x, %w) return %y }",
                                random(3, 4))
                        .graph())
                .getFirst();
        GramMatrix matrix = new GramMatrix(layer);
        Tensor x = random(4, 6);
        matrix.add(x);
        List<float[]> rows = new ArrayList<>();
        for (int r = 0; r < 6; r++) {
            float[] row = new float[4];
            for (int i = 0; i < 4; i++) {
                row[i] = x.getFloat(i * 6 + r);
            }
            rows.add(row);
        }
        isSumOfProducts(matrix, 0, rows);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            kernel_shape=[3, 2]                                       | 1 | 1 | 1 | 0 | 0
            strides=[2, 3], kernel_shape=[3, 2]                       | 1 | 2 | 3 | 0 | 0
            pads=[1, 0, 1, 0], kernel_shape=[3, 2], group=2           | 2 | 1 | 1 | 1 | 0
            pads=[2, 1, 0, 3], strides=[1, 2], group=4, kernel_shape=[3, 2] | 4 | 1 | 2 | 2 | 1
            auto_pad="SAME_UPPER", kernel_shape=[3, 2], strides=[2, 2] | 1 | 2 | 2 | 1 | 0
            auto_pad="SAME_LOWER", kernel_shape=[3, 2], strides=[2, 2] | 1 | 2 | 2 | 1 | 0
            auto_pad="VALID", kernel_shape=[3, 2]                     | 1 | 1 | 1 | 0 | 0
            """)
    void windowsOfAConvolution(String attributes, int groups, int strideY, int strideX, int top, int left) {
        int channels = 4 / groups;
        Tensor w = random(8, channels, 3, 2);
        Model model = model(
                "graph g(%x: f32[n,4,7,8]) { %w = const f32[8," + channels + ",3,2] @w %y = Conv<" + attributes
                        + ">(%x, %w) return %y }",
                w);
        LinearLayer layer = LinearLayer.of(model.graph()).getFirst();
        Tensor x = random(2, 4, 7, 8);
        Tensor y = model.predict(Map.of("x", x)).tensor();
        GramMatrix matrix = new GramMatrix(layer);
        matrix.add(x);
        for (int group = 0; group < groups; group++) {
            List<float[]> rows = new ArrayList<>();
            for (int image = 0; image < 2; image++) {
                for (int oy = 0; oy < y.dim(2); oy++) {
                    for (int ox = 0; ox < y.dim(3); ox++) {
                        rows.add(window(x, image, group * channels, channels, oy * strideY - top, ox * strideX - left));
                    }
                }
            }
            isSumOfProducts(matrix, group, rows);
            productsAreOutputs(layer, rows, y, group);
        }
    }

    private static float[] window(Tensor x, int image, int firstChannel, int channels, int fromY, int fromX) {
        float[] row = new float[channels * 6];
        for (int c = 0; c < channels; c++) {
            for (int ky = 0; ky < 3; ky++) {
                for (int kx = 0; kx < 2; kx++) {
                    int iy = fromY + ky;
                    int ix = fromX + kx;
                    if (iy >= 0 && iy < 7 && ix >= 0 && ix < 8) {
                        row[c * 6 + ky * 2 + kx] = x.getFloat(((image * 4L + firstChannel + c) * 7 + iy) * 8 + ix);
                    }
                }
            }
        }
        return row;
    }

    /** The rows are the right ones: their products with the matrix of the weights are the outputs. */
    private static void productsAreOutputs(LinearLayer layer, List<float[]> rows, Tensor y, int group) {
        float[] w = layer.matrix();
        int perGroup = layer.outputs() / layer.groups();
        long pixels = y.dim(2) * y.dim(3);
        for (int o = group * perGroup; o < (group + 1) * perGroup; o++) {
            for (int r = 0; r < rows.size(); r++) {
                double sum = 0;
                for (int i = 0; i < layer.terms(); i++) {
                    sum += (double) w[o * layer.terms() + i] * rows.get(r)[i];
                }
                long at = (r / pixels * layer.outputs() + o) * pixels + r % pixels;
                assertThat(y.getDouble(at)).isCloseTo(sum, within(1e-3));
            }
        }
    }

    @Test
    void matricesOfSeveralLayersInOnePass() {
        Tensor w = random(3, 3);
        Model model = model(
                "graph g(%x: f32[n,3]) { %w = const f32[3,3] @w %a = MatMul(%x, %w) %b = MatMul(%a, %w)"
                        + " %c = MatMul(%a, %w) return %b, %c }",
                w);
        List<LinearLayer> layers = LinearLayer.of(model.graph());
        Tensor first = random(4, 3);
        Tensor second = random(2, 3);
        Samples samples = Samples.of(List.of(Map.of("x", first), Map.of("x", second)));
        int[] passes = {0};
        Samples.Calls calls = counted(samples.bind(model.inputs()), passes);
        List<String> seen = new ArrayList<>();
        GramMatrices.forEach(model, layers, StepContext.of(calls, 0), (layer, matrix) -> {
            seen.add(layer.name());
            assertThat(matrix.rows()).isEqualTo(6);
            GramMatrix expected = new GramMatrix(layer);
            for (Tensor x : List.of(first, second)) {
                expected.add(layer.name().equals("a") ? x : product(x, w));
            }
            assertThat(matrix.of(0)).containsExactly(expected.of(0), within(1e-4));
        });
        assertThat(seen).containsExactly("a", "b", "c");
        assertThat(passes[0]).isOne();
        assertThatThrownBy(() -> GramMatrices.forEach(model, layers, StepContext.of(null, 0), (layer, matrix) -> {}))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("no samples");
    }

    private static Tensor product(Tensor x, Tensor w) {
        int rows = (int) x.dim(0);
        float[] y = new float[rows * 3];
        for (int r = 0; r < rows; r++) {
            for (int o = 0; o < 3; o++) {
                for (int i = 0; i < 3; i++) {
                    y[r * 3 + o] += x.getFloat(r * 3L + i) * w.getFloat(i * 3L + o);
                }
            }
        }
        return Tensor.of(y, rows, 3);
    }

    private static Samples.Calls counted(Samples.Calls calls, int[] passes) {
        return new Samples.Calls() {
            @Override
            public long samples() {
                return calls.samples();
            }

            @Override
            public void forEach(Consumer<Samples.Call> action) {
                passes[0]++;
                calls.forEach(action);
            }
        };
    }
}
