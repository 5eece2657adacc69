package dev.tenon.kernel.x64.gemm;

import dev.tenon.testkit.EmulatedProcessor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Products in tile registers, with random operands and options: on a processor that has them, or on an emulated one. */
final class AmxCases {
    private static final Set<TileArgument> OPERANDS = Set.of(
            TileArgument.A,
            TileArgument.B,
            TileArgument.C,
            TileArgument.BIAS,
            TileArgument.RESIDUAL,
            TileArgument.COLUMN_SUMS,
            TileArgument.ROW_ZEROS,
            TileArgument.COLUMN_ZEROS,
            TileArgument.ROW_SUMS,
            TileArgument.ROW_SCALES,
            TileArgument.COLUMN_SCALES,
            TileArgument.COLUMN_ADDENDS);

    private final Random random;
    private final Map<String, TileMemory> memory = new HashMap<>();

    AmxCases(Random random) {
        this.random = random;
    }

    static List<TileEnds> ends(AmxProduct product) {
        if (product == AmxProduct.BF16) {
            return List.of(new FloatEnds());
        }
        List<TileEnds> all = new ArrayList<>();
        for (IntegerEnds.Result result : IntegerEnds.Result.values()) {
            all.add(new IntegerEnds(result));
        }
        if (product == AmxProduct.U8S8) {
            all.add(new RequantizingEnds(false));
            all.add(new RequantizingEnds(true));
        }
        return all;
    }

    /** A product, and where its operands are in memory. */
    record Case(TileMemory memory, TileCase sizes, boolean last) {
        byte[] expected() {
            return TileModel.result(memory, sizes, last);
        }

        byte[] found() {
            return memory.part(TileArgument.C, sizes, last).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /**
     * A random case.
     *
     * @param kind the kind of the numbers: {@code bf16}, {@code i8} or {@code u7}
     * @param special whether numbers may be special ones
     */
    Case random(AmxProduct product, TileEnds ends, int[] size, String kind, boolean special) {
        // Sums that become bytes would all saturate.
        boolean plain = ends instanceof RequantizingEnds || !special;
        TileMemory own = memory.computeIfAbsent(kind + plain, key -> new TileMemory(random, kind, !plain));
        TileCase sizes = TileCase.ofTileRegisters(random, product, ends, size[0], size[1], size[2], size[3]);
        boolean last = random.nextBoolean();
        padWithZeros(own, sizes, last);
        return new Case(own, sizes, last);
    }

    /** Panels have zeros after the terms, as their layouts write them. */
    private static void padWithZeros(TileMemory memory, TileCase c, boolean last) {
        MemorySegment b = memory.part(TileArgument.B, c, last);
        int used = c.segments() * c.segmentBytes() * c.panelColumns();
        int padded = c.panelBytes() - c.panelPad();
        for (int panel = 0; panel < c.panels(); panel++) {
            b.asSlice((long) panel * c.panelBytes() + used, padded - used).fill((byte) 0);
        }
    }

    /** Sizes around the tails of rows, columns and terms: rows, columns, steps of four bytes, segments. */
    int[] size() {
        int segments = random.nextInt(4) == 0 ? 2 + random.nextInt(2) : 1;
        return new int[] {around(32, 3), around(32, 4), random.nextInt(10) == 0 ? 0 : around(16, 6), segments};
    }

    /** Any number up to a multiple of a unit, or one near a multiple of its half. */
    private int around(int unit, int units) {
        int near = unit / 2 * random.nextInt(2 * units) + random.nextInt(5) - 2;
        return random.nextBoolean() && near > 0 ? near : 1 + random.nextInt(unit * units);
    }

    /** The emulated computer, and which functions and operands it has. */
    static final class Emulated {
        private final EmulatedProcessor processor = new EmulatedProcessor();
        private final Map<String, Long> functions = new HashMap<>();
        private final List<Case> cases = new ArrayList<>();
        private final List<Integer> lastCalls = new ArrayList<>();
        private int calls;

        EmulatedProcessor processor() {
            return processor;
        }

        List<Case> cases() {
            return cases;
        }

        /** For each case the number of calls up to its last one. */
        List<Integer> lastCalls() {
            return lastCalls;
        }

        /** Adds the calls that a block makes for a case. */
        void add(AmxProduct product, Case c) {
            byte[] expected = c.expected();
            MemorySegment block = c.memory.block(c.sizes, c.last);
            Map<TileArgument, Long> at = new EnumMap<>(TileArgument.class);
            for (TileArgument operand : OPERANDS) {
                long address = TileBlock.get(block, operand);
                if (address != 0) {
                    byte[] bytes = c.memory.part(operand, c.sizes, c.last).toArray(ValueLayout.JAVA_BYTE);
                    at.put(operand, bytes.length == 0 ? address : processor.put(bytes, c.last));
                    TileBlock.set(block, operand, at.get(operand));
                }
            }
            TileEnds ends = c.sizes.ends();
            new AmxBlock(product, ends, c.sizes.m()).run(block, c.sizes.n(), (rowTiles, columnTiles, b) -> {
                String name = product + ends.results() + ends + rowTiles + columnTiles;
                long function = functions.computeIfAbsent(
                        name, key -> processor.put(new AmxEmitter(product, ends, rowTiles, columnTiles).emit(), true));
                processor.call(function, processor.put(b.toArray(ValueLayout.JAVA_BYTE), c.last));
                calls++;
            });
            processor.expect(at.get(TileArgument.C), expected);
            cases.add(c);
            lastCalls.add(calls);
        }
    }

    /** Which of two NaN a sum keeps depends on the order of operands, and nobody should rely on it. */
    private static void sameNan(byte[] floats) {
        MemorySegment s = MemorySegment.ofArray(floats);
        for (long at = 0; at + Float.BYTES <= floats.length; at += Float.BYTES) {
            if (Float.isNaN(s.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at))) {
                s.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, Float.NaN);
            }
        }
    }

    static boolean equal(byte[] found, byte[] expected, boolean floats) {
        if (floats) {
            sameNan(found);
            sameNan(expected);
        }
        return Arrays.equals(found, expected);
    }
}
