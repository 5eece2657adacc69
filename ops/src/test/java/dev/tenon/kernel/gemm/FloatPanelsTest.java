package dev.tenon.kernel.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatPanelsTest {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /** Bytes before the first element: constants of a file are not aligned. */
    private static final int AT = 3;

    /** Floats before and after the packed matrix. */
    private static final int GUARD = 5;

    private static float element(int p, int column) {
        return 1 + p * 10_007f + column;
    }

    private static float packed(MemorySegment target, int k, int columns, int p, int column) {
        long panel = (long) (column / columns) * k * columns;
        return target.getAtIndex(FLOAT, GUARD + panel + (long) p * columns + column % columns);
    }

    private static void check(boolean transposed, int k, int n, int columns) {
        long floats = FloatPanels.byteSize(k, n, columns) / Float.BYTES;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(AT + (long) k * n * Float.BYTES);
            for (int p = 0; p < k; p++) {
                for (int column = 0; column < n; column++) {
                    long index = transposed ? (long) column * k + p : (long) p * n + column;
                    source.set(FLOAT, AT + index * Float.BYTES, element(p, column));
                }
            }
            MemorySegment target = arena.allocate((floats + 2 * GUARD) * Float.BYTES, 64);
            for (long i = 0; i < floats + 2 * GUARD; i++) {
                target.setAtIndex(FLOAT, i, -1);
            }
            long to = (long) GUARD * Float.BYTES;
            if (transposed) {
                FloatPanels.packTransposed(source, AT, k, n, columns, target, to);
            } else {
                FloatPanels.pack(source, AT, k, n, columns, target, to);
            }
            int wide = Math.ceilDiv(n, columns) * columns;
            for (int p = 0; p < k; p++) {
                for (int column = 0; column < wide; column++) {
                    float expected = column < n ? element(p, column) : 0;
                    assertThat(packed(target, k, columns, p, column))
                            .as("row %d, column %d", p, column)
                            .isEqualTo(expected);
                }
            }
            for (int i = 0; i < GUARD; i++) {
                assertThat(target.getAtIndex(FLOAT, i)).isEqualTo(-1);
                assertThat(target.getAtIndex(FLOAT, GUARD + floats + i)).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 16",
        "1, 17, 16",
        "63, 31, 32",
        "64, 32, 32",
        "65, 33, 32",
        "200, 7, 8",
        "3, 40000, 32",
        "5, 16384, 16",
        "9, 12000, 16",
        "0, 5, 8",
        "4, 0, 8"
    })
    void columnsOfAPanelAreNeighbours(int k, int n, int columns) {
        check(false, k, n, columns);
        check(true, k, n, columns);
    }
}
