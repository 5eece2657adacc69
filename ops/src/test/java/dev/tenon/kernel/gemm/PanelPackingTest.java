package dev.tenon.kernel.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PanelPackingTest {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    /** Bytes before the first element: constants of a file are not aligned. */
    private static final int AT = 3;

    /** Numbers before and after the packed matrix. */
    private static final int GUARD = 5;

    private static float element(int p, int column) {
        return 1 + p * 10_007f + column;
    }

    /** The number of an element: float32, or an integer of 16 bits. */
    private static float get(MemorySegment from, int bytes, long at) {
        return bytes == Float.BYTES ? from.get(FLOAT, at) : from.get(SHORT, at);
    }

    private static void set(MemorySegment to, int bytes, long at, float value) {
        if (bytes == Float.BYTES) {
            to.set(FLOAT, at, value);
        } else {
            to.set(SHORT, at, (short) (int) value);
        }
    }

    private static float expected(int bytes, int p, int column) {
        return bytes == Float.BYTES ? element(p, column) : (short) (int) element(p, column);
    }

    private static void check(boolean transposed, int bytes, int k, int n, int columns) {
        PanelPacking packing = new PanelPacking(bytes, columns);
        long size = packing.byteSize(k, n);
        long guard = (long) GUARD * bytes;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocate(AT + (long) k * n * bytes);
            for (int p = 0; p < k; p++) {
                for (int column = 0; column < n; column++) {
                    long index = transposed ? (long) column * k + p : (long) p * n + column;
                    set(source, bytes, AT + index * bytes, element(p, column));
                }
            }
            MemorySegment target = arena.allocate(size + 2 * guard, 64);
            target.fill((byte) -1);
            if (transposed) {
                packing.packTransposed(source, AT, k, n, target, guard);
            } else {
                packing.pack(source, AT, k, n, target, guard);
            }
            int wide = Math.ceilDiv(n, columns) * columns;
            for (int p = 0; p < k; p++) {
                for (int column = 0; column < wide; column++) {
                    long panel = (long) (column / columns) * k * columns;
                    long index = panel + (long) p * columns + column % columns;
                    assertThat(get(target, bytes, guard + index * bytes))
                            .as("row %d, column %d", p, column)
                            .isEqualTo(column < n ? expected(bytes, p, column) : 0);
                }
            }
            for (int i = 0; i < guard; i++) {
                assertThat(target.get(ValueLayout.JAVA_BYTE, i)).isEqualTo((byte) -1);
                assertThat(target.get(ValueLayout.JAVA_BYTE, guard + size + i)).isEqualTo((byte) -1);
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
        for (int bytes : new int[] {Float.BYTES, Short.BYTES}) {
            check(false, bytes, k, n, columns);
            check(true, bytes, k, n, columns);
        }
    }
}
