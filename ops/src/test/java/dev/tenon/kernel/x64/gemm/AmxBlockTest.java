package dev.tenon.kernel.x64.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.TileRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.X64Assembler;
import dev.tenon.nativecode.Processor;
import dev.tenon.testkit.Allocation;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.TestData;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products in tile registers: what is asked of functions, and their results on a processor that has AMX. */
class AmxBlockTest {
    private static final int CASES = Exhaustive.isOn() ? 5000 : 500;

    private static final int[] SIZES = {1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 70};

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @ParameterizedTest
    @EnumSource
    @Tag("vector")
    void productsAroundEveryTail(AmxProduct product) {
        boolean there = Processor.detect().containsAll(product.needs()) && Processor.requestTiles();
        String absence = "no AMX: run on a processor that has it";
        TestData.needs(there, absence, "tenon.test.every.processor");
        AmxCases source = new AmxCases(random);
        String kind = product == AmxProduct.BF16 ? "bf16" : "i8";
        for (TileEnds ends : AmxCases.ends(product)) {
            for (int i = 0; i < CASES; i++) {
                AmxCases.Case c = source.random(product, ends, source.size(), kind, random.nextBoolean());
                MemorySegment block = c.memory().block(c.sizes(), c.last());
                byte[] expected = c.expected();
                new AmxBlock(product, ends, c.sizes().m()).run(block, c.sizes().n());
                boolean floats =
                        ends.resultBytes() == Float.BYTES && !ends.results().isEmpty() || product == AmxProduct.BF16;
                assertThat(AmxCases.equal(c.found(), expected, floats))
                        .as("seed %d, %s", seed, c.sizes())
                        .isTrue();
            }
        }
    }

    /** Intel's table of the 64 bytes: palette, start row, 14 zeros, 16 bytes a row of 2 bytes, 16 rows of 1 byte. */
    @Test
    void shapesAreWhatTheProcessorReads() {
        byte[] whole = new byte[64];
        whole[0] = 1;
        for (int tile = 0; tile < 8; tile++) {
            whole[16 + 2 * tile] = 64;
            whole[48 + tile] = 16;
        }
        assertThat(bytes(AmxBlock.shapes(32, 2))).isEqualTo(whole);

        byte[] low = whole.clone();
        for (int tile : new int[] {2, 3, 5}) {
            low[48 + tile] = 5;
        }
        assertThat(bytes(AmxBlock.shapes(21, 2))).isEqualTo(low);

        byte[] one = new byte[64];
        one[0] = 1;
        for (int tile : new int[] {0, 4, 6}) {
            one[16 + 2 * tile] = 64;
            one[48 + tile] = (byte) (tile == 6 ? 16 : 3);
        }
        assertThat(bytes(AmxBlock.shapes(3, 1))).isEqualTo(one);
    }

    private static byte[] bytes(long[] shapes) {
        MemorySegment s = Arena.ofAuto().allocate(64, 8);
        for (int i = 0; i < shapes.length; i++) {
            s.setAtIndex(ValueLayout.JAVA_LONG, i, shapes[i]);
        }
        return s.toArray(ValueLayout.JAVA_BYTE);
    }

    /** The processor faults if a register is used that has no shape, or whose shape does not match the others. */
    @Test
    void everyRegisterOfAProductHasAMatchingShape() {
        for (int rows = 1; rows <= 32; rows++) {
            for (int columnTiles = 1; columnTiles <= 2; columnTiles++) {
                int[] shapes = AmxEmitter.rows(rows, columnTiles);
                int sum = 0;
                for (int row = 0; row < Math.ceilDiv(rows, 16); row++) {
                    sum += shapes[4 + row];
                    for (int column = 0; column < columnTiles; column++) {
                        assertThat(shapes[2 * row + column])
                                .isEqualTo(shapes[4 + row])
                                .isBetween(1, 16);
                        assertThat(shapes[6 + column]).isEqualTo(16);
                    }
                }
                assertThat(sum).isEqualTo(rows);
            }
        }
    }

    /** One call for whole tiles and one for the rows below, for pairs of panels and for a last one. */
    @Test
    void callsCoverEachResultOnce() {
        MemorySegment block = Arena.ofAuto().allocate(TileArgument.BYTES, 64);
        for (int m : SIZES) {
            for (int n : SIZES) {
                int[][] covered = new int[m][n];
                TileBlock.clear(block);
                TileBlock.set(block, TileArgument.C, 1000);
                TileBlock.set(block, TileArgument.C_ROW, 4L * n);
                TileBlock.set(block, TileArgument.A, 5000);
                TileBlock.set(block, TileArgument.A_ROW, 7);
                TileBlock.set(block, TileArgument.B, 9000);
                TileBlock.set(block, TileArgument.B_PANEL, 64);
                TileBlock.set(block, TileArgument.SEGMENTS, 1);
                TileBlock.setTerms(block, 21);
                int width = n;
                new AmxBlock(AmxProduct.U8S8, new IntegerEnds(IntegerEnds.Result.INT32), m)
                        .run(block, n, (rowTiles, columnTiles, b) -> {
                            assertThat(TileBlock.get(b, TileArgument.CHUNKS)).isEqualTo(1);
                            assertThat(TileBlock.get(b, TileArgument.REST_MASK)).isEqualTo(0x1F);
                            cover(covered, width, rowTiles, columnTiles, b);
                        });
                for (int[] row : covered) {
                    assertThat(row).as("%d x %d", m, n).containsOnly(1);
                }
            }
        }
    }

    private static void cover(int[][] covered, int n, int rowTiles, int columnTiles, MemorySegment b) {
        long at = (TileBlock.get(b, TileArgument.C) - 1000) / Integer.BYTES;
        int row = (int) (at / n);
        int column = (int) (at % n);
        int rows = (int) (TileBlock.get(b, TileArgument.ROWS) * TileBlock.get(b, TileArgument.TILES));
        assertThat(Math.ceilDiv(TileBlock.get(b, TileArgument.ROWS), 16)).isEqualTo(rowTiles);
        assertThat(TileBlock.get(b, TileArgument.A)).isEqualTo(5000 + 7L * row);
        assertThat(TileBlock.get(b, TileArgument.B)).isEqualTo(9000 + 64L * column / 16);
        assertThat(TileBlock.get(b, TileArgument.FIRST_COLUMN)).isEqualTo(4L * column);
        long groups = TileBlock.get(b, TileArgument.GROUPS);
        int last = 0;
        for (int v = 0; v < columnTiles; v++) {
            last += Integer.bitCount(b.get(ValueLayout.JAVA_INT, TileArgument.LAST_MASKS.offset() + 4L * v));
        }
        int columns = (int) (groups - 1) * columnTiles * 16 + last;
        for (int i = row; i < row + rows; i++) {
            for (int j = column; j < column + columns; j++) {
                covered[i][j]++;
            }
        }
    }

    @Test
    @Tag("fresh")
    void callsAllocateNothing() {
        MemorySegment block = Arena.ofAuto().allocate(TileArgument.BYTES, 64);
        TileBlock.clear(block);
        TileBlock.set(block, TileArgument.SEGMENTS, 1);
        TileBlock.setTerms(block, 21);
        AmxBlock product = new AmxBlock(AmxProduct.U8S8, new IntegerEnds(IntegerEnds.Result.FLOAT32), 49);
        AmxBlock.Call nothing = (rows, columns, b) -> {};
        assertThat(Allocation.steady(1000, Allocation.NOTHING, () -> product.run(block, 70, nothing)))
                .isEqualTo(Allocation.NOTHING);
    }

    @Test
    void segmentsWithoutWholeChunksAreRefused() {
        assertThat(AmxBlock.takes(100, 1)).isTrue();
        assertThat(AmxBlock.takes(128, 3)).isTrue();
        assertThat(AmxBlock.takes(100, 2)).isFalse();
        MemorySegment block = Arena.ofAuto().allocate(TileArgument.BYTES, 64);
        TileBlock.clear(block);
        TileBlock.set(block, TileArgument.SEGMENTS, 2);
        TileBlock.setTerms(block, 25);
        List<Integer> calls = new ArrayList<>();
        AmxBlock product = new AmxBlock(AmxProduct.BF16, new FloatEnds(), 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> product.run(block, 5, (rows, columns, b) -> calls.add(rows)))
                .withMessageContaining("segments of 100 bytes");
        assertThat(calls).isEmpty();
    }

    /** A processor with tiles of one kind of numbers moves tiles, but multiplies no others. */
    @Test
    void functionsUseNoOtherInstructionSets() {
        for (AmxProduct product : AmxProduct.values()) {
            for (TileEnds ends : AmxCases.ends(product)) {
                assertThat(new AmxEmitter(product, ends, 2, 2).emit()).isNotEmpty();
            }
        }
        X64Assembler brains = new X64Assembler(Set.of(InstructionSet.AMX_BF16));
        brains.tilerelease();
        assertThatIllegalStateException()
                .isThrownBy(() -> brains.emit(
                        VectorInstruction.TDPBUSD, new TileRegister(0), new TileRegister(1), new TileRegister(2)))
                .withMessageContaining("AMX_INT8");
    }
}
