package dev.tenon.serving.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Inputs of batches share memory, one batch after the other. */
class JoinMemoryTest {
    private final JoinMemory memory = new JoinMemory();
    private final Rows rows = new Rows(List.of("a", "b"), null);

    private static Map<String, Tensor> call(int value, int width) {
        float[] a = new float[width];
        java.util.Arrays.fill(a, value);
        return Map.of("a", Tensor.of(a, 1, width), "b", Tensor.of(new long[] {value, -value}, 1, 2));
    }

    private Map<String, Tensor> joined(int calls, int width) {
        List<Map<String, Tensor>> all = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            all.add(call(i, width));
        }
        Map<String, Tensor> joined = rows.join(all, memory);
        assertThat(joined.get("a").dims()).containsExactly(calls, width);
        for (int i = 0; i < calls; i++) {
            assertThat(joined.get("a").getFloat((long) (i + 1) * width - 1)).isEqualTo(i);
            assertThat(joined.get("b").getLong(2L * i + 1)).isEqualTo(-i);
        }
        return joined;
    }

    @Test
    void inputsAreJoinedInAlignedMemoryThatIsUsedAgain() {
        Map<String, Tensor> first = joined(3, 7);
        Map<String, Tensor> second = joined(2, 7);
        for (Tensor t : first.values()) {
            assertThat(t.isNative()).isTrue();
            assertThat(t.segment().address() % 64).isZero();
        }
        assertThat(second.get("a").segment().address())
                .isEqualTo(first.get("a").segment().address());
        assertThat(second.get("b").segment().address())
                .isNotEqualTo(second.get("a").segment().address());
    }

    @Test
    void itGrowsAndLargeBatchesAreOnTheHeap() {
        for (int width : new int[] {1, 1000, 10_000, 60_000}) {
            joined(4, width);
        }
        assertThat(joined(4, 60_000).get("a").isNative()).isTrue();
        assertThat(joined(4, 70_000).get("a").isNative()).isFalse();
        assertThat(joined(4, 10).get("a").isNative()).isTrue();
    }

    @Test
    void stringsAndNibblesAreOnTheHeap() {
        assertThat(memory.tensor(DType.STRING, new long[] {2})).isNull();
        assertThat(memory.tensor(DType.INT4, new long[] {2})).isNull();
        assertThat(memory.tensor(DType.FLOAT32, new long[] {0, 2})).isNull();
        assertThat(memory.tensor(DType.FLOAT32, new long[] {1L << 40, 1L << 40}))
                .isNull();
    }
}
