package dev.tenon.kernel.x64.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.nativecode.NativeFunction;
import dev.tenon.nativecode.Processor;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.TestData;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every function of tiles against scalar arithmetic, bit for bit, around every tail, with all options. Operands touch guard
 * pages: a byte that is read or written outside of them ends the process.
 */
@Tag("vector")
class TileFunctionTest {
    private static final int[] LONG_SUMS = {64, 67, 130};
    private static final int TOO_MANY_ROWS = 16;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private Set<InstructionSet> machine;

    @BeforeEach
    void detect() {
        machine = Processor.detect();
    }

    static List<TileProduct> products() {
        return List.of(
                new FloatProduct(256),
                new FloatProduct(512),
                new FloatProduct(256, DType.FLOAT16),
                new FloatProduct(512, DType.FLOAT16),
                new FloatProduct(256, DType.BFLOAT16),
                new FloatProduct(512, DType.BFLOAT16),
                new ByteProduct(256, false),
                new ByteProduct(256, true),
                new ByteProduct(512, false),
                new ByteProduct(512, true),
                new PairProduct(256, false),
                new PairProduct(256, true),
                new PairProduct(512, false),
                new PairProduct(512, true),
                new WordProduct(256, false),
                new WordProduct(512, false),
                new BFloat16Product());
    }

    private static List<TileProduct> byteProducts() {
        return products().stream()
                .filter(each -> each instanceof ByteProduct || each instanceof PairProduct)
                .toList();
    }

    static List<TileEnds> ends(TileProduct product) {
        if (!TileCase.multipliesBytes(product)) {
            return List.of(new FloatEnds());
        }
        List<TileEnds> all = new ArrayList<>();
        for (IntegerEnds.Result result : IntegerEnds.Result.values()) {
            if (result != IntegerEnds.Result.BYTE || product.bits() == 512) {
                all.add(new IntegerEnds(result));
            }
        }
        return all;
    }

    private void needs(TileProduct product) {
        String absence = "no " + product.suffix() + ": run on a processor that has it";
        TestData.needs(machine.containsAll(product.needs()), absence, "tenon.test.every.processor");
    }

    private List<TileMemory> memory(TileProduct product) {
        String kind =
                switch (product) {
                    case ByteProduct _ -> "i8";
                    case PairProduct _ -> "pairs";
                    case WordProduct _ -> "words";
                    default -> product.operands();
                };
        return List.of(new TileMemory(random, kind, false), new TileMemory(random, kind, true));
    }

    static NativeFunction function(TileProduct product, TileEnds ends, int rows, int vectors) {
        String id = "test_" + product.operands() + ends.results() + rows + "x" + vectors + product.suffix();
        return KernelCode.of(
                id, () -> new TileEmitter(product, ends, rows, vectors, TileCase.panelVectors(product)).emit());
    }

    @ParameterizedTest
    @MethodSource("products")
    void everyFunctionAroundEveryTail(TileProduct product) {
        needs(product);
        List<TileMemory> memory = memory(product);
        for (TileEnds ends : ends(product)) {
            for (int vectors : new int[] {2, 4}) {
                int most = BlockProduct.maxRows(product, ends, vectors);
                for (int rows = 1; rows <= most; rows++) {
                    everyTail(memory, new Tile(product, ends, rows, vectors));
                }
            }
        }
    }

    /** A tile of some rows and vectors. */
    private record Tile(TileProduct product, TileEnds ends, int rows, int vectors) {
        int columns() {
            return vectors * product.bits() / Integer.SIZE;
        }

        NativeFunction function() {
            return TileFunctionTest.function(product, ends, rows, vectors);
        }
    }

    private void everyTail(List<TileMemory> memory, Tile tile) {
        NativeFunction function = tile.function();
        for (int n = 1; n <= tile.columns() + 1; n++) {
            for (int steps = random.nextInt(Exhaustive.step(3)); steps <= 9; steps += Exhaustive.step(3)) {
                one(memory, function, tile, n, steps);
            }
        }
        for (int steps : LONG_SUMS) {
            one(memory, function, tile, 1 + random.nextInt(3 * tile.columns()), steps);
        }
    }

    private void one(List<TileMemory> memory, NativeFunction function, Tile tile, int n, int steps) {
        int groups = Math.ceilDiv(n, tile.columns());
        int tiles = 1 + random.nextInt(3);
        int panels = groups * tile.vectors / TileCase.panelVectors(tile.product);
        TileCase c = TileCase.random(random, tile.product, tile.ends, panels, tile.rows * tiles, n, steps);
        boolean last = random.nextBoolean();
        TileMemory m = memory.get(random.nextInt(memory.size()));
        MemorySegment block = m.block(c, last);
        TileBlock.set(block, TileArgument.TILES, tiles);
        TileBlock.set(block, TileArgument.GROUPS, groups);
        TileBlock.setLastMasks(block, n - (groups - 1) * tile.columns(), tile.product.bits());
        function.call(block.address());
        compare(m, c, last, tile.toString());
    }

    private void compare(TileMemory memory, TileCase c, boolean last, String tile) {
        byte[] found = memory.part(TileArgument.C, c, last).toArray(ValueLayout.JAVA_BYTE);
        byte[] expected = TileModel.result(memory, c, last);
        boolean floats = !(c.ends() instanceof IntegerEnds e) || e.result() == IntegerEnds.Result.FLOAT32;
        if (floats) {
            sameNan(found);
            sameNan(expected);
        }
        int at = Arrays.mismatch(found, expected);
        if (at >= 0) {
            int word = at / Integer.BYTES;
            throw new AssertionError("seed " + seed + ", " + c + " by tiles of " + tile + ": byte " + at + " of row "
                    + at / c.cRow() + " is " + found[at] + " and not " + expected[at] + ", word "
                    + Integer.toHexString(MemorySegment.ofArray(found).get(ValueLayout.JAVA_INT_UNALIGNED, 4L * word))
                    + " and not "
                    + Integer.toHexString(
                            MemorySegment.ofArray(expected).get(ValueLayout.JAVA_INT_UNALIGNED, 4L * word)));
        }
    }

    /** Which of two NaN a sum keeps depends on the order of operands, and nobody should rely on it. */
    private static void sameNan(byte[] floats) {
        MemorySegment s = MemorySegment.ofArray(floats);
        for (long at = 0; at < floats.length; at += Float.BYTES) {
            if (Float.isNaN(s.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at))) {
                s.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, Float.NaN);
            }
        }
    }

    /** Blocks choose tiles by themselves. No panel follows the last one. */
    @ParameterizedTest
    @MethodSource("products")
    void blocksOfEveryHeightAndWidth(TileProduct product) {
        needs(product);
        List<TileMemory> memory = memory(product);
        int lanes = product.bits() / Integer.SIZE;
        int panelVectors = TileCase.panelVectors(product);
        for (TileEnds ends : ends(product)) {
            for (int m = 1; m <= 40; m++) {
                BlockProduct block = new BlockProduct(product, ends, panelVectors, m);
                for (int n = 1 + random.nextInt(Exhaustive.step(11)); n <= 9 * lanes; n += Exhaustive.step(11)) {
                    int panels = TileCase.multipliesBytes(product)
                            ? 2 * Math.ceilDiv(n, 2 * BytePanelLayout.COLUMNS)
                            : Math.ceilDiv(n, panelVectors * lanes);
                    int steps = random.nextInt(10);
                    TileCase c = TileCase.random(random, product, ends, panels, m, n, steps);
                    boolean last = random.nextBoolean();
                    TileMemory each = memory.get(random.nextInt(memory.size()));
                    block.run(each.block(c, last), n);
                    compare(each, c, last, block.id());
                }
            }
        }
    }

    /** Sums of the largest products stay exact. */
    @ParameterizedTest
    @MethodSource("byteProducts")
    void extremesOfBytes(TileProduct product) {
        needs(product);
        boolean pairs = product instanceof PairProduct;
        TileMemory memory = new TileMemory(random, "i8", false);
        int panelVectors = TileCase.panelVectors(product);
        for (int left : new int[] {-128, 127, 255, 0}) {
            for (int right : pairs ? new int[] {-64, 64} : new int[] {-128, 127}) {
                memory.fill(TileArgument.A, left);
                memory.fill(TileArgument.B, right);
                TileEnds ends = new IntegerEnds(IntegerEnds.Result.INT32);
                TileCase c = TileCase.random(random, product, ends, 2, 3, 20, 500);
                new BlockProduct(product, ends, panelVectors, c.m()).run(memory.block(c, true), c.n());
                compare(memory, c, true, "extremes");
            }
        }
    }

    @Test
    void tilesThatNeedTooManyRegistersAreRefused() {
        for (TileProduct product : products()) {
            for (TileEnds ends : ends(product)) {
                for (int vectors : new int[] {2, 4}) {
                    assertThat(BlockProduct.maxRows(product, ends, vectors)).isBetween(1, TOO_MANY_ROWS - 1);
                    refused(product, ends, TOO_MANY_ROWS, vectors);
                }
            }
        }
    }

    private static void refused(TileProduct product, TileEnds ends, int rows, int vectors) {
        int panelVectors = TileCase.panelVectors(product);
        assertThatIllegalStateException()
                .isThrownBy(() -> new TileEmitter(product, ends, rows, vectors, panelVectors))
                .withMessageContaining("registers");
    }
}
