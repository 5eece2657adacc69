package dev.tenon.formats.onnx.microsoft;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.formats.onnx.OnnxModelBuilder;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphVerifier;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Literals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compares each result with plain loops over positions. */
class GroupQueryAttentionTest {
    private static final int HEADS = 4;
    private static final int SHARED = 2;
    private static final int SIZE = 2;

    private static final String INPUTS = "q, k, v, pk, pv, n, t";

    private static OnnxModelBuilder model(String inputs, AttributeProto... attributes) {
        AttributeProto[] all = Arrays.copyOf(attributes, attributes.length + 2);
        all[attributes.length] = attribute("num_heads", HEADS);
        all[attributes.length + 1] = attribute("kv_num_heads", SHARED);
        return opset(21)
                .imports("com.microsoft", 1)
                .input("q", DType.FLOAT32, "b", "s", "wide")
                .input("k", DType.FLOAT32, "b", "s", SHARED * SIZE)
                .input("v", DType.FLOAT32, "b", "s", SHARED * SIZE)
                .input("pk", DType.FLOAT32, "b", SHARED, "past", SIZE)
                .input("pv", DType.FLOAT32, "b", SHARED, "past", SIZE)
                .input("n", DType.INT32, "b")
                .input("t", DType.INT32, 1)
                .node("y, ck, cv = com.microsoft:GroupQueryAttention(" + inputs + ")", all)
                .output("y")
                .output("ck")
                .output("cv");
    }

    private static Tensor random(int seed, long... dims) {
        Random random = new Random(seed);
        return Literals.normal(random, 1, DType.FLOAT32, dims);
    }

    /** The operands and attributes of a call. */
    private record Call(
            int batch, int length, int past, int[] held, int total, int window, double softcap, boolean smooth) {
        List<Tensor> operands() {
            Tensor ends = Tensor.allocate(DType.INT32, batch);
            for (int b = 0; b < batch; b++) {
                ends.setLong(b, held[b] + length - 1);
            }
            return List.of(
                    random(1, batch, length, HEADS * SIZE),
                    random(2, batch, length, SHARED * SIZE),
                    random(3, batch, length, SHARED * SIZE),
                    random(4, batch, SHARED, past, SIZE),
                    random(5, batch, SHARED, past, SIZE),
                    ends,
                    Tensor.of(new int[] {total}, 1));
        }

        /** An element of the cache of keys or values after the call. */
        double cached(List<Tensor> in, int what, int b, int h, int p, int d) {
            if (p < held[b]) {
                return in.get(3 + what).getDouble(((b * SHARED + h) * (long) past + p) * SIZE + d);
            }
            int i = p - held[b];
            return i < length ? in.get(1 + what).getDouble(((b * (long) length + i) * SHARED + h) * SIZE + d) : 0;
        }

        double[] mixed(List<Tensor> in, int b, int h, int i) {
            int last = held[b] + i;
            int first = window > 0 ? Math.max(0, last - window + 1) : 0;
            double sum = smooth ? 1 : 0;
            double[] y = new double[SIZE];
            for (int p = first; p <= last; p++) {
                double score = 0;
                for (int d = 0; d < SIZE; d++) {
                    score += in.get(0).getDouble(((b * (long) length + i) * HEADS + h) * SIZE + d)
                            * cached(in, 0, b, h / (HEADS / SHARED), p, d);
                }
                score /= Math.sqrt(SIZE);
                double weight = Math.exp(softcap > 0 ? softcap * Math.tanh(score / softcap) : score);
                sum += weight;
                for (int d = 0; d < SIZE; d++) {
                    y[d] += weight * cached(in, 1, b, h / (HEADS / SHARED), p, d);
                }
            }
            for (int d = 0; d < SIZE; d++) {
                y[d] /= sum;
            }
            return y;
        }

        void check(AttributeProto... attributes) {
            Graph graph = model(INPUTS, attributes).read();
            GraphVerifier.verify(graph);
            List<Tensor> in = operands();
            List<Datum> out = Interpreter.run(graph, new ArrayList<>(in));
            Tensor y = (Tensor) out.getFirst();
            assertThat(y.dims()).containsExactly(batch, length, (long) HEADS * SIZE);
            for (int b = 0; b < batch; b++) {
                for (int i = 0; i < length; i++) {
                    for (int h = 0; h < HEADS; h++) {
                        double[] expected = mixed(in, b, h, i);
                        for (int d = 0; d < SIZE; d++) {
                            assertThat(y.getDouble(((b * (long) length + i) * HEADS + h) * SIZE + d))
                                    .as("row %d, query %d, head %d", b, i, h)
                                    .isCloseTo(expected[d], within(1e-5));
                        }
                    }
                }
            }
            checkCache(in, out);
        }

        private void checkCache(List<Tensor> in, List<Datum> out) {
            int most = Math.max(total, past);
            for (int what = 0; what < 2; what++) {
                Tensor cache = (Tensor) out.get(1 + what);
                assertThat(cache.dims()).containsExactly(batch, SHARED, most, SIZE);
                for (int e = 0; e < cache.size(); e++) {
                    int row = e / SIZE / most;
                    assertThat(cache.getDouble(e))
                            .isEqualTo(cached(in, what, row / SHARED, row % SHARED, e / SIZE % most, e % SIZE));
                }
            }
        }
    }

    @Test
    void aPrompt() {
        new Call(2, 3, 0, new int[] {0, 0}, 3, 0, 0, false).check();
    }

    @Test
    void aPromptInACacheThatIsLonger() {
        new Call(1, 3, 7, new int[] {0}, 3, 0, 0, false).check();
    }

    @Test
    void oneTokenAfterPastsOfDifferentLengths() {
        new Call(2, 1, 4, new int[] {2, 4}, 5, 0, 0, false).check();
        new Call(2, 1, 8, new int[] {2, 4}, 5, 0, 0, false).check();
    }

    @Test
    void severalTokensAfterAPast() {
        new Call(1, 3, 4, new int[] {4}, 7, 0, 0, false).check();
    }

    @Test
    void aWindowBoundsTheKeysThatAreSeen() {
        new Call(1, 5, 0, new int[] {0}, 5, 2, 0, false).check(attribute("local_window_size", 2));
        new Call(1, 1, 4, new int[] {4}, 5, 1, 0, false).check(attribute("local_window_size", 1));
    }

    @Test
    void scoresAreCapped() {
        new Call(1, 4, 0, new int[] {0}, 4, 0, 0.75, false).check(attribute("softcap", 0.75f));
    }

    @Test
    void oneMoreScoreOf0TakesItsShare() {
        new Call(1, 4, 0, new int[] {0}, 4, 0, 0, true).check(attribute("smooth_softmax", 1));
    }

    @Test
    void inconsistentOperandsAreRefused() {
        assertThatThrownBy(() -> model("q, k, , pk, pv, n, t").read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("one of inputs 1 and 2");
        assertThatThrownBy(() -> model(INPUTS, attribute("do_rotary", 1)).read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("do_rotary without cos_cache");
        assertThatThrownBy(() ->
                        model(INPUTS, attribute("k_quant_type", "PER_TENSOR")).read())
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("k_quant_type PER_TENSOR");
    }
}
