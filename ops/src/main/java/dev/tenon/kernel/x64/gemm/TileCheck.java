package dev.tenon.kernel.x64.gemm;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Computes small products with the code of tiles and compares them with known answers, before any kernel is used. */
public final class TileCheck {
    /** The steps of a sum of vectors: a turn of the loop, and a rest. Few, since this runs whenever a JVM starts. */
    private static final int STEPS = 5;

    /** The sizes of a product in tile registers: whole registers, and a rest. */
    static final int AMX_ROWS = 18;

    private static final int AMX_COLUMNS = 41;
    private static final int AMX_STEPS = 21;

    private static final int VECTORS = 2;

    private TileCheck() {}

    /**
     * Checks the instruction sets that tiles use.
     *
     * @param sets the instruction sets, of which tiles may be used already
     * @return those that give a wrong answer
     */
    public static Set<InstructionSet> wrong(Set<InstructionSet> sets) {
        Set<InstructionSet> wrong = EnumSet.noneOf(InstructionSet.class);
        // Narrow vectors are used where there are no wide ones, or none that are right.
        if (!checkFloats(InstructionSet.AVX512, 512, sets, wrong)) {
            checkFloats(InstructionSet.AVX2, 256, sets, wrong);
        }
        ByteArithmetic bytes = checkDots(sets, wrong);
        if (bytes != null && bytes.widens()) {
            InstructionSet set = bytes.bits() == 512 ? InstructionSet.AVX512 : InstructionSet.AVX2;
            check(set, bytes.product(false), sets, wrong);
            check(set, bytes.forWeights(true).product(false), sets, wrong);
        }
        check(InstructionSet.AVX512_BF16, new BFloat16Product(), sets, wrong);
        boolean wide = sets.contains(InstructionSet.AVX512);
        if (wide && sets.contains(InstructionSet.AMX_INT8) && !(isRight(AmxProduct.U8S8) && isRight(AmxProduct.S8S8))) {
            wrong.add(InstructionSet.AMX_INT8);
        }
        if (wide && sets.contains(InstructionSet.AMX_BF16) && !isRight(AmxProduct.BF16)) {
            wrong.add(InstructionSet.AMX_BF16);
        }
        return wrong;
    }

    /** Checks products with panels of float32 and of 16-bit numbers; whether vectors of a width may be used. */
    private static boolean checkFloats(
            InstructionSet set, int bits, Set<InstructionSet> sets, Set<InstructionSet> wrong) {
        boolean right = true;
        for (DType panels : List.of(DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16)) {
            right &= check(set, new FloatProduct(bits, panels), sets, wrong);
        }
        return right;
    }

    /** Checks dot products of bytes; how bytes are multiplied with those that are right. */
    private static ByteArithmetic checkDots(Set<InstructionSet> sets, Set<InstructionSet> wrong) {
        if (!check(InstructionSet.AVX512_VNNI, new ByteProduct(512, false), sets, wrong)) {
            check(InstructionSet.AVX_VNNI, new ByteProduct(256, false), sets, wrong);
        }
        Set<InstructionSet> right = EnumSet.noneOf(InstructionSet.class);
        right.addAll(sets);
        right.removeAll(wrong);
        return ByteArithmetic.of(Capabilities.SCALAR.withInstructions(right));
    }

    /** Checks an instruction set; whether it may be used. */
    private static boolean check(
            InstructionSet set, TileProduct product, Set<InstructionSet> sets, Set<InstructionSet> wrong) {
        if (!sets.contains(set) || !sets.containsAll(product.needs())) {
            return false;
        }
        Numbers numbers = Numbers.of(product);
        TileEnds ends = numbers.integers ? new IntegerEnds(IntegerEnds.Result.INT32) : new FloatEnds();
        OneTile tile = new OneTile(product, ends, 1);
        boolean right = isRight(numbers, tile, 1, tile.columns() - 1, STEPS);
        if (!right) {
            wrong.add(set);
        }
        return right;
    }

    private static boolean isRight(AmxProduct product) {
        Numbers numbers =
                switch (product) {
                    case BF16 -> Numbers.BRAIN;
                    case S8S8 -> Numbers.SIGNED_BYTES;
                    case U8S8 -> Numbers.BYTES;
                };
        TileEnds ends = numbers.integers ? new IntegerEnds(IntegerEnds.Result.INT32) : new FloatEnds();
        return isRight(numbers, new AmxBlock(product, ends, AMX_ROWS));
    }

    /** Whether a product of {@link #AMX_ROWS} rows is right. */
    static boolean isRight(Numbers numbers, PanelProduct product) {
        return isRight(numbers, product, AMX_ROWS, AMX_COLUMNS, AMX_STEPS);
    }

    /** One tile of vectors: a small function, since this code is made whenever a JVM starts. */
    private record OneTile(TileProduct product, TileEnds ends, int rows) implements PanelProduct {
        int columns() {
            return VECTORS * product.bits() / Integer.SIZE;
        }

        @Override
        public String tile() {
            return rows + "x" + columns() + "_" + product.suffix();
        }

        @Override
        public String id() {
            return "check_" + product.operands() + ends.results() + "_" + tile();
        }

        @Override
        public void run(MemorySegment block, int columns) {
            TileBlock.setLastMasks(block, columns, product.bits());
            TileBlock.set(block, TileArgument.TILES, 1);
            TileBlock.set(block, TileArgument.GROUPS, 1);
            int panelVectors = BytePanels.COLUMNS * Integer.SIZE / product.bits();
            KernelCode.of(id(), () -> new TileEmitter(product, ends, rows, VECTORS, panelVectors).emit())
                    .call(block.address());
        }
    }

    /** The kind of the numbers of which four bytes of A and of B consist. */
    enum Numbers {
        FLOAT(1, false),
        /** Float32 times float16. */
        FLOAT_HALF(1, false),
        /** Float32 times bfloat16. */
        FLOAT_BRAIN(1, false),
        BRAIN(2, false),
        /** Unsigned bytes times signed ones. */
        BYTES(4, true),
        SIGNED_BYTES(4, true),
        /** Unsigned bytes times signed ones, of which two always have a sum of products of 16 bits. */
        PAIRS(4, true),
        WORDS(2, true);

        private final int perStep;
        private final boolean integers;

        Numbers(int perStep, boolean integers) {
            this.perStep = perStep;
            this.integers = integers;
        }

        static Numbers of(TileProduct product) {
            return switch (product) {
                case FloatProduct p ->
                    switch (p.panels()) {
                        case FLOAT16 -> FLOAT_HALF;
                        case BFLOAT16 -> FLOAT_BRAIN;
                        default -> FLOAT;
                    };
                case BFloat16Product _ -> BRAIN;
                case PairProduct _ -> PAIRS;
                case WordProduct _ -> WORDS;
                default -> BYTES;
            };
        }

        /** A number of A: small enough for any kind to hold it and for sums to be exact. */
        int left(int row, int term) {
            int value = (31 * row + 7 * term) % (integers ? 256 : 16);
            return !integers ? value - 8 : this == SIGNED_BYTES ? (byte) value : value;
        }

        int right(int term, int column) {
            int value = (13 * term + 11 * column) % (integers ? 256 : 16);
            return !integers ? value - 7 : this == PAIRS ? (byte) value / 2 : (byte) value;
        }

        /** The bytes of a step of B. */
        int rightBytes() {
            return this == FLOAT_HALF || this == FLOAT_BRAIN ? Short.BYTES : Integer.BYTES;
        }

        /** Writes a number of B. */
        void putRight(MemorySegment to, long index, int value) {
            switch (this) {
                case FLOAT_HALF -> to.setAtIndex(ValueLayout.JAVA_SHORT, index, Float.floatToFloat16(value));
                case FLOAT_BRAIN -> BRAIN.put(to, index, value);
                default -> put(to, index, value);
            }
        }

        /** Writes a number of A. */
        void put(MemorySegment to, long index, int value) {
            switch (this) {
                case FLOAT, FLOAT_HALF, FLOAT_BRAIN -> to.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
                case BRAIN ->
                    to.setAtIndex(
                            ValueLayout.JAVA_SHORT, index, (short) (Float.floatToRawIntBits(value) >>> Short.SIZE));
                case WORDS -> to.setAtIndex(ValueLayout.JAVA_SHORT, index, (short) value);
                default -> to.set(ValueLayout.JAVA_BYTE, index, (byte) value);
            }
        }
    }

    /** Multiplies numbers, of which results are exact, and compares with sums by plain arithmetic. */
    private static boolean isRight(Numbers numbers, PanelProduct product, int rows, int columns, int steps) {
        int terms = steps * numbers.perStep;
        try (Operands o = new Operands(rows, columns, steps)) {
            for (int k = 0; k < terms; k++) {
                for (int i = 0; i < rows; i++) {
                    numbers.put(o.a, (long) i * terms + k, numbers.left(i, k));
                }
                for (int j = 0; j < columns; j++) {
                    numbers.putRight(o.b, o.right(k, j, numbers.perStep), numbers.right(k, j));
                }
            }
            o.setPanels(numbers.rightBytes());
            product.run(o.block, columns);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    int sum = 0;
                    for (int k = 0; k < terms; k++) {
                        sum += numbers.left(i, k) * numbers.right(k, j);
                    }
                    long at = (long) i * columns + j;
                    boolean right = numbers.integers
                            ? o.c.getAtIndex(ValueLayout.JAVA_INT, at) == sum
                            : o.c.getAtIndex(ValueLayout.JAVA_FLOAT, at) == sum;
                    if (!right) {
                        return false;
                    }
                }
            }
            return true;
        }
    }

    /** Zeros for a product whose panels have 16 columns, and the block of arguments. */
    private static final class Operands implements AutoCloseable {
        private static final int CHUNK_STEPS = 16;
        private static final int PANEL = BytePanels.COLUMNS;

        private final MemorySegment block = zeros(TileArgument.BYTES);
        private final MemorySegment a;
        private final MemorySegment b;
        private final MemorySegment c;
        private final MemorySegment rowZeros;
        private final int panelSteps;

        Operands(int rows, int columns, int steps) {
            panelSteps = Math.ceilDiv(steps, CHUNK_STEPS) * CHUNK_STEPS;
            int panels = Math.ceilDiv(columns, 4 * PANEL) * 4;
            a = zeros((long) rows * steps * Integer.BYTES);
            b = zeros((long) panels * panelSteps * PANEL * Integer.BYTES);
            c = zeros((long) rows * columns * Integer.BYTES);
            rowZeros = zeros((long) panels * PANEL * Integer.BYTES);
            TileBlock.clear(block);
            TileBlock.set(block, TileArgument.A, a.address());
            TileBlock.set(block, TileArgument.A_ROW, (long) steps * Integer.BYTES);
            TileBlock.set(block, TileArgument.B, b.address());
            TileBlock.set(block, TileArgument.B_PANEL, (long) panelSteps * PANEL * Integer.BYTES);
            TileBlock.set(block, TileArgument.C, c.address());
            TileBlock.set(block, TileArgument.C_ROW, (long) columns * Integer.BYTES);
            TileBlock.set(block, TileArgument.COLUMN_SUMS, rowZeros.address());
            TileBlock.set(block, TileArgument.ROW_ZEROS, rowZeros.address());
            TileBlock.set(block, TileArgument.ROW_SUMS, rowZeros.address());
            TileBlock.set(block, TileArgument.SEGMENTS, 1);
            TileBlock.setTerms(block, steps);
        }

        /** Sets the size of a panel of numbers of which some bytes are a step. */
        void setPanels(int stepBytes) {
            TileBlock.set(block, TileArgument.B_PANEL, (long) panelSteps * PANEL * stepBytes);
        }

        /** The index of a number of B, of which some fill four bytes. */
        long right(int term, int column, int perStep) {
            long step = (long) column / PANEL * panelSteps + term / perStep;
            return (step * PANEL + column % PANEL) * perStep + term % perStep;
        }

        private static MemorySegment zeros(long bytes) {
            return Tensor.allocateNative(DType.UINT8, bytes).segment();
        }

        /** Keeps the memory until here: code has its addresses only. */
        @Override
        @SuppressWarnings("ReachabilityFenceUsage")
        public void close() {
            Reference.reachabilityFence(this);
        }
    }
}
