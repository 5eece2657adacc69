package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts and sequences whose size a small model multiplies, and the limits that end it. */
class LargeObjectsTest {
    private static final int DOUBLINGS = 50;
    private static final long LIMIT = 1 << 20;
    private static final long MOST_ALLOCATED = 300L << 20;

    /** A text that each step doubles. */
    private static String doubled(String head, String first) {
        StringBuilder text = new StringBuilder(head);
        String last = first;
        for (int i = 0; i < DOUBLINGS; i++) {
            text.append("%d" + i + " = StringConcat(" + last + ", " + last + ")\n");
            last = "%d" + i;
        }
        return text + "return " + last + "\n}";
    }

    private static void refused(String graph, Map<String, Datum> inputs) {
        Session s = SmallModels.model(graph).session(SessionOptions.standard().maxTensorBytes(LIMIT));
        assertThatThrownBy(() -> s.predict(inputs))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("texts, or tensors of a sequence, that take")
                .hasMessageContaining("allowed " + LIMIT + " bytes")
                .hasMessageContaining("SessionOptions.maxTensorBytes");
    }

    private static void refusedWithLittleMemory(String graph, Map<String, Datum> inputs) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        refused(graph, inputs);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_ALLOCATED);
    }

    @Test
    void textsThatDouble() {
        refusedWithLittleMemory(
                doubled("graph (%x: string[n]) {\n", "%x"), Map.of("x", Tensor.of(new String[] {"abcdefgh"})));
    }

    /** Folding stops before. */
    @Test
    void constantTextsThatDouble() {
        refusedWithLittleMemory(doubled("graph () {\n%c = const string[1] {\"abcdefgh\"}\n", "%c"), Map.of());
    }

    /** Pieces without elements, of which there may be more than memory, and as many sizes as the caller gives. */
    @Test
    void sequencesOfManyEmptyTensors() {
        refusedWithLittleMemory(
                """
                graph (%x: f32[0,4611686018427387904], %each: i64[]) {
                  %y = SplitToSequence<axis=-1>(%x, %each)
                  return %y
                }
                """,
                Map.of(
                        "x", Tensor.allocate(DType.FLOAT32, 0, 1L << 62),
                        "each", Tensor.scalar(1L << 33)));
        refusedWithLittleMemory(
                """
                graph (%x: f32[0], %sizes: i64[n]) {
                  %y = SplitToSequence(%x, %sizes)
                  return %y
                }
                """, Map.of("x", Tensor.allocate(DType.FLOAT32, 0), "sizes", Tensor.of(new long[100_000])));
    }

    /** One text for each of many elements, and elements without a text. */
    @ParameterizedTest
    @ValueSource(strings = {"StringConcat(%x, %all)", "Expand(%x, %shape)"})
    void textsOfManyElements(String call) {
        refusedWithLittleMemory(
                """
                graph (%x: string[1], %shape: i64[1]) {
                  %none = const string[1] {""}
                  %few = const i64[1] {1000}
                  %all = Expand(%none, %few)
                  %y = CALL
                  return %y
                }
                """.replace("CALL", call),
                Map.of("x", Tensor.of(new String[] {"a".repeat(1 << 19)}), "shape", Tensor.of(new long[] {100_000_000
                })));
    }

    @Test
    void textsWithinTheLimitAreAsBefore() {
        Session s = SmallModels.model(
                        "graph (%x: string[n]) { %c = const string[1] {\"b\"} %y = StringConcat(%x, %c) return %y }")
                .session(SessionOptions.standard().maxTensorBytes(LIMIT));
        Tensor y = s.predict(Map.of("x", Tensor.of(new String[] {"a", ""}))).tensor();
        assertThat(y.getString(0)).isEqualTo("ab");
        assertThat(y.getString(1)).isEqualTo("b");
    }
}
