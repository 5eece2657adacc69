package dev.tenon.kernel.x64.gemm;

import dev.tenon.testkit.GuardPages;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The operands of products, each between guard pages and full of random numbers, and the block of arguments. */
final class TileMemory {
    private static final int BYTES = 1 << 19;
    private static final int SMALL_BYTES = 1 << 12;

    private static final Set<TileArgument> FLOATS = EnumSet.of(
            TileArgument.RESIDUAL, TileArgument.ROW_SCALES, TileArgument.COLUMN_SCALES, TileArgument.COLUMN_ADDENDS);
    private static final Set<TileArgument> INTEGERS = EnumSet.of(
            TileArgument.COLUMN_SUMS, TileArgument.ROW_ZEROS, TileArgument.COLUMN_ZEROS, TileArgument.ROW_SUMS);

    private final Map<TileArgument, GuardPages> operands = new EnumMap<>(TileArgument.class);
    private final GuardPages before = GuardPages.of(BYTES);
    private final GuardPages block = GuardPages.of(TileArgument.BYTES);

    /**
     * Numbers of a kind: {@code f32}, {@code bf16}, {@code f32} times {@code f32f16} or {@code f32bf16}, bytes, bytes below 128
     * by the name {@code u7}, bytes as {@code words} of 16 bits, or bytes and {@code pairs} of bytes that fit 16 bits; with or
     * without special ones.
     */
    TileMemory(Random random, String kind, boolean special) {
        for (TileArgument operand : FLOATS) {
            add(operand, operand == TileArgument.RESIDUAL ? BYTES : SMALL_BYTES, random, "f32", special);
        }
        for (TileArgument operand : INTEGERS) {
            add(operand, SMALL_BYTES, random, "i32", special);
        }
        for (TileArgument operand : Set.of(TileArgument.A, TileArgument.B)) {
            add(operand, BYTES, random, operand == TileArgument.A ? left(kind) : kind, special);
        }
        String sums = kind.startsWith("f32") || kind.equals("bf16") ? "f32" : "i32";
        add(TileArgument.BIAS, SMALL_BYTES, random, sums, special);
        operands.put(TileArgument.C, GuardPages.of(BYTES));
        fill(before.all(), random, sums, special);
    }

    /** The kind of the numbers of A. */
    private static String left(String kind) {
        return kind.startsWith("f32") ? "f32" : kind.equals("pairs") ? "i8" : kind;
    }

    private void add(TileArgument operand, int bytes, Random random, String kind, boolean special) {
        GuardPages pages = GuardPages.of(bytes);
        fill(pages.all(), random, kind, special);
        operands.put(operand, pages);
    }

    private static void fill(MemorySegment memory, Random random, String kind, boolean special) {
        for (long i = 0; i < memory.byteSize() / Integer.BYTES; i++) {
            int value =
                    switch (kind) {
                        case "f32" -> Float.floatToRawIntBits(number(random, special));
                        case "f32f16" -> half(random, special) & 0xFFFF | half(random, special) << 16;
                        case "bf16", "f32bf16" ->
                            Float.floatToRawIntBits(number(random, special)) & 0xFFFF_0000
                                    | Float.floatToRawIntBits(number(random, special)) >>> 16;
                        case "u7" -> random.nextInt() & 0x7F7F_7F7F;
                        case "pairs" -> pair(random, special) & 0xFFFF | pair(random, special) << 16;
                        case "words" -> word(random, special) & 0xFFFF | word(random, special) << 16;
                        case "i32" -> special ? random.nextInt() : random.nextInt(2000) - 1000;
                        default -> special && random.nextBoolean() ? 0x80FF_007F : random.nextInt();
                    };
            memory.setAtIndex(ValueLayout.JAVA_INT, i, value);
        }
    }

    /** Two weights of which the sums of products fit 16 bits. */
    private static int pair(Random random, boolean special) {
        int[][] extremes = {{127, 1}, {1, 127}, {-128, 0}, {0, -128}, {64, 64}, {-64, -64}, {127, -128}, {-128, 127}};
        if (special && random.nextBoolean()) {
            int[] extreme = extremes[random.nextInt(extremes.length)];
            return extreme[0] & 0xFF | extreme[1] << 8;
        }
        while (true) {
            int first = random.nextInt(256) - 128;
            int second = random.nextInt(256) - 128;
            if (ByteArithmetic.pairsFit(first, second)) {
                return first & 0xFF | second << 8;
            }
        }
    }

    private static int word(Random random, boolean special) {
        return special && random.nextBoolean() ? (random.nextBoolean() ? 255 : -128) : random.nextInt(384) - 128;
    }

    private static short half(Random random, boolean special) {
        // Among all patterns are subnormal numbers, infinities and NaN.
        return special && random.nextInt(20) == 0
                ? (short) random.nextInt()
                : Float.floatToFloat16(number(random, special));
    }

    private static float number(Random random, boolean special) {
        if (!special || random.nextInt(50) > 0) {
            return (float) random.nextGaussian() * 2;
        }
        float[] numbers = {
            0,
            -0f,
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.MAX_VALUE,
            1e-20f,
            -3e-19f,
            Float.MIN_NORMAL,
            -Float.MIN_NORMAL / 2,
            1e-41f,
            3e20f
        };
        return numbers[random.nextInt(numbers.length)];
    }

    /** Makes all bytes of an operand the same. */
    void fill(TileArgument operand, int value) {
        operands.get(operand).all().fill((byte) value);
    }

    MemorySegment part(TileArgument operand, TileCase c, boolean last) {
        return operands.get(operand).part(c.bytes(operand), last);
    }

    /** What the result holds before the product. */
    MemorySegment before(TileCase c) {
        return before.all().asSlice(0, c.bytes(TileArgument.C));
    }

    /** Writes the arguments of a case, and restores what the result holds before. */
    MemorySegment block(TileCase c, boolean last) {
        MemorySegment b = block.part(TileArgument.BYTES, last);
        TileBlock.clear(b);
        part(TileArgument.C, c, last).copyFrom(before(c));
        for (TileArgument operand : EnumSet.of(TileArgument.A, TileArgument.B, TileArgument.C)) {
            address(b, operand, c, last);
        }
        if (c.ends() instanceof IntegerEnds) {
            for (TileArgument operand :
                    EnumSet.of(TileArgument.COLUMN_SUMS, TileArgument.ROW_ZEROS, TileArgument.ROW_SUMS)) {
                address(b, operand, c, last);
            }
        }
        for (TileArgument option : c.given()) {
            if (operands.containsKey(option)) {
                address(b, option, c, last);
            } else {
                TileBlock.set(b, option, option == TileArgument.CONTINUES || option == TileArgument.CLIPS ? 1 : 4);
            }
        }
        TileBlock.set(b, TileArgument.A_ROW, c.aRow());
        TileBlock.set(b, TileArgument.B_PANEL, c.panelBytes());
        TileBlock.set(b, TileArgument.C_ROW, c.cRow());
        TileBlock.set(b, TileArgument.RESIDUAL_ROW, c.residualRow());
        TileBlock.set(b, TileArgument.FIRST_COLUMN, (long) c.firstColumn() * Integer.BYTES);
        TileBlock.set(b, TileArgument.TURNS, c.steps() / TileEmitter.UNROLL);
        TileBlock.set(b, TileArgument.REST, c.steps() % TileEmitter.UNROLL);
        TileBlock.set(b, TileArgument.SEGMENTS, c.segments());
        TileBlock.set(b, TileArgument.SEGMENT_SKIP, c.skip());
        TileBlock.set(b, TileArgument.LEAST, c.least());
        TileBlock.set(b, TileArgument.GREATEST, c.greatest());
        TileBlock.set(b, TileArgument.RESULT_ZERO, c.resultZero());
        if (c.ends() instanceof RequantizingEnds) {
            RequantizedRows.setResult(b, c.product().bits(), c.resultZero(), true);
        }
        return b;
    }

    private void address(MemorySegment b, TileArgument operand, TileCase c, boolean last) {
        TileBlock.set(b, operand, part(operand, c, last).address());
    }
}
