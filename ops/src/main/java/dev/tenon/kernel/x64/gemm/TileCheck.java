package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Computes small products with the code of tiles and compares them with known answers, before any kernel is used. */
public final class TileCheck {
    private static final int TERMS = 5;
    private static final int ROWS = 1;
    private static final int VECTORS = 2;
    private static final int TIMED_TERMS = 4096;
    private static final int TIMED_ROWS = 8;
    private static final int TIMES = 8;

    private TileCheck() {}

    /**
     * Checks the instruction sets that tiles use.
     *
     * @param sets the instruction sets
     * @return null if all answers are right, else which one is wrong
     */
    public static String check(Set<InstructionSet> sets) {
        List<TileProduct> products = new ArrayList<>();
        products.add(new FloatProduct(sets.contains(InstructionSet.AVX512) ? 512 : 256));
        ByteArithmetic bytes = ByteArithmetic.of(Capabilities.SCALAR.withInstructions(sets));
        products.add(bytes.product(false));
        if (bytes.widens()) {
            products.add(bytes.forWeights(true).product(false));
        }
        for (TileProduct product : products) {
            if (!isRight(product)) {
                return "a known answer of " + product.operands() + " with " + product.suffix() + " came out wrong";
            }
        }
        return null;
    }

    /** The sum of row numbers times column numbers, or of four bytes or two 16-bit numbers of both. */
    private static boolean isRight(TileProduct product) {
        boolean floats = product instanceof FloatProduct;
        TileEnds ends = floats ? new FloatEnds() : new IntegerEnds(IntegerEnds.Result.INT32);
        int columns = VECTORS * product.bits() / Integer.SIZE;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(TileArgument.BYTES, 64);
            MemorySegment a = arena.allocate((long) TERMS * Integer.BYTES, 64);
            MemorySegment b = arena.allocate((long) TERMS * columns * Integer.BYTES, 64);
            MemorySegment c = arena.allocate((long) columns * Integer.BYTES, 64);
            MemorySegment zeros = arena.allocate((long) columns * Integer.BYTES, 64);
            for (int t = 0; t < TERMS; t++) {
                put(a, t, t + 1, product);
                for (int j = 0; j < columns; j++) {
                    put(b, (long) t * columns + j, j - 3, product);
                }
            }
            TileBlock.clear(block);
            TileBlock.set(block, TileArgument.A, a.address());
            TileBlock.set(block, TileArgument.B, b.address());
            TileBlock.set(block, TileArgument.C, c.address());
            TileBlock.set(block, TileArgument.COLUMN_SUMS, zeros.address());
            TileBlock.set(block, TileArgument.ROW_ZEROS, zeros.address());
            TileBlock.set(block, TileArgument.TILES, 1);
            TileBlock.set(block, TileArgument.GROUPS, 1);
            TileBlock.set(block, TileArgument.SEGMENTS, 1);
            TileBlock.set(block, TileArgument.TURNS, TERMS / TileEmitter.UNROLL);
            TileBlock.set(block, TileArgument.REST, TERMS % TileEmitter.UNROLL);
            TileBlock.setLastMasks(block, columns - 1, product.bits());
            String id = "check_" + product.operands() + ends.results() + "_" + product.suffix();
            KernelCode.of(id, () -> new TileEmitter(product, ends, ROWS, VECTORS, VECTORS).emit())
                    .call(block.address());
            boolean right = c.getAtIndex(ValueLayout.JAVA_INT, columns - 1L) == 0;
            for (int j = 0; right && j < columns - 1; j++) {
                int sum = TERMS * (TERMS + 1) / 2 * (j - 3);
                right = floats
                        ? c.getAtIndex(ValueLayout.JAVA_FLOAT, j) == sum
                        : c.getAtIndex(ValueLayout.JAVA_INT, j) == (product instanceof WordProduct ? 2 : 4) * sum;
            }
            return right;
        }
    }

    /**
     * Whether products of BF16 numbers are faster than products of as many float32 numbers. Some processors have the
     * instruction, but take longer for it.
     *
     * @return true if they are
     */
    public static boolean isBrainFaster() {
        return nanos(new BrainProduct(), TIMED_TERMS / 2) < nanos(new FloatProduct(512), TIMED_TERMS);
    }

    /** The shortest of some runs of a tile, nanoseconds. */
    private static long nanos(TileProduct product, int steps) {
        int columns = VECTORS * product.bits() / Integer.SIZE;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(TileArgument.BYTES, 64);
            MemorySegment a = arena.allocate((long) TIMED_ROWS * steps * Integer.BYTES, 64);
            MemorySegment b = arena.allocate((long) steps * columns * Integer.BYTES, 64);
            MemorySegment c = arena.allocate((long) TIMED_ROWS * columns * Integer.BYTES, 64);
            TileBlock.clear(block);
            TileBlock.set(block, TileArgument.A, a.address());
            TileBlock.set(block, TileArgument.A_ROW, (long) steps * Integer.BYTES);
            TileBlock.set(block, TileArgument.B, b.address());
            TileBlock.set(block, TileArgument.C, c.address());
            TileBlock.set(block, TileArgument.C_ROW, (long) columns * Integer.BYTES);
            TileBlock.set(block, TileArgument.TILES, 1);
            TileBlock.set(block, TileArgument.GROUPS, 1);
            TileBlock.set(block, TileArgument.SEGMENTS, 1);
            TileBlock.set(block, TileArgument.TURNS, steps / TileEmitter.UNROLL);
            TileBlock.setLastMasks(block, columns, product.bits());
            NativeFunction tile = KernelCode.of(
                    "timed_" + product.operands() + "_" + product.suffix(),
                    () -> new TileEmitter(product, new FloatEnds(), TIMED_ROWS, VECTORS, VECTORS).emit());
            long least = Long.MAX_VALUE;
            for (int i = 0; i < TIMES; i++) {
                long start = System.nanoTime();
                tile.call(block.address());
                least = Math.min(least, System.nanoTime() - start);
            }
            return least;
        }
    }

    private static void put(MemorySegment segment, long index, int value, TileProduct product) {
        long at = index * Integer.BYTES;
        switch (product) {
            case FloatProduct _ -> segment.set(ValueLayout.JAVA_FLOAT, at, value);
            case WordProduct _ -> segment.set(ValueLayout.JAVA_INT, at, value << Short.SIZE | value & 0xFFFF);
            default -> {
                for (int i = 0; i < Integer.BYTES; i++) {
                    segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) value);
                }
            }
        }
    }
}
