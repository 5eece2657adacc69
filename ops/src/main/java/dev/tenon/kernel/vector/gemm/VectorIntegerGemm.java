package dev.tenon.kernel.vector.gemm;

import static dev.tenon.kernel.vector.Segments.NATIVE;
import static dev.tenon.kernel.vector.SimdSpecies.Bytes.I8;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.F32;
import static dev.tenon.kernel.vector.SimdSpecies.Floats.FLOATS;
import static dev.tenon.kernel.vector.SimdSpecies.Integers.I32;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.gemm.IntegerGemmProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Exact products of 8-bit integers in float32 arithmetic. Less their zero points the operands are integers of at most 9
 * bits. A block of terms is so short that its sum stays below 2<sup>24</sup>, where float32 represents every integer.
 * Blocks are added as int32, and the final sums may be rounded to float32.
 */
public final class VectorIntegerGemm implements Kernel {
    private static final int LANES = SimdSpecies.LANES;

    /** Whether there is a byte species with as many lanes as an int vector. */
    private static final boolean HAS_BYTE_SPECIES = LANES >= 8;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int PART_ROWS = 4 * GemmTile.ROWS;
    private static final int PART_COLUMNS = 512;
    private static final long ALIGNMENT = 64;

    private final IntegerGemmProblem p;
    private final int depth;
    private final int partRows;
    private final int partColumns;
    private final int rowParts;
    private final int columnParts;
    private final VectorGemm[] gemms;
    private final TileEpilogue epilogue;

    private VectorIntegerGemm(IntegerGemmProblem p, Tiling tiling) {
        this.p = p;
        depth = ((IntegerPanelLayout) p.packing()).depth();
        rowParts = Math.max(1, Math.ceilDiv(p.m(), PART_ROWS));
        partRows = Math.ceilDiv(p.m(), rowParts);
        int chunk = Math.max(1, PART_COLUMNS / GemmTile.COLUMNS) * GemmTile.COLUMNS;
        columnParts = Math.max(1, Math.ceilDiv(p.n(), chunk));
        partColumns = Math.min(p.n(), chunk);
        // Indexed by bits: 4 if the block of terms is the last one, 2 if the rows are the last ones, 1 if the columns
        // are. Last ones may be smaller.
        gemms = new VectorGemm[8];
        for (int i = 0; i < gemms.length; i++) {
            int terms = (i & 4) == 0 ? Math.min(depth, p.k()) : lastTerms();
            int m = (i & 2) == 0 ? partRows : p.m() - partRows * (rowParts - 1);
            int n = (i & 1) == 0 ? partColumns : p.n() - chunk * (columnParts - 1);
            gemms[i] = new VectorGemm(m, n, terms, tiling);
        }
        epilogue = TileEpilogue.withScratchAfter(ScaledStore.of(p.epilogue()), kernelScratchBytes());
    }

    private int lastTerms() {
        int rest = p.k() % depth;
        return rest == 0 ? Math.min(depth, p.k()) : rest;
    }

    /**
     * The kernel of a problem.
     *
     * @param p the problem
     * @param tiling chooses block sizes
     * @return the kernel
     */
    public static Kernel of(IntegerGemmProblem p, Tiling tiling) {
        return new VectorIntegerGemm(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(
                epilogue,
                "gemm_i8_as_f32_" + GemmTile.ROWS + "x" + GemmTile.COLUMNS + (p.floatOutput() ? "_to_f32" : "")
                        + "_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return gemms[0].blocking().toString();
    }

    @Override
    public int parts() {
        return Math.multiplyExact(rowParts, columnParts);
    }

    @Override
    public long partNanos() {
        return gemms[0].partNanos() * gemms[0].parts() * Math.ceilDiv(Math.max(1, p.k()), depth)
                + (long) partRows * (p.k() + partColumns) / 2;
    }

    private long convertedBytes() {
        return aligned((long) partRows * p.k() * Float.BYTES);
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private long kernelScratchBytes() {
        return convertedBytes() + aligned((long) partRows * partColumns * Float.BYTES);
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, kernelScratchBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[p.yOperand()];
        if (p.m() == 0 || p.n() == 0) {
            return;
        }
        int converted = -1;
        for (int part = from; part < to; part++) {
            int row = part / columnParts;
            int m = Math.min(partRows, p.m() - row * partRows);
            if (row != converted) {
                convertRows(operands[0], zeroPoints(operands), row * partRows, m, scratch);
                converted = row;
            }
            int column = part % columnParts;
            int n = Math.min(partColumns, p.n() - column * partColumns);
            multiply(row, column, m, n, operands, scratch, y);
        }
    }

    private MemorySegment zeroPoints(MemorySegment[] operands) {
        return p.aZeroPoint() < 0 ? null : operands[p.aZeroPoint()];
    }

    private void convertRows(MemorySegment a, MemorySegment zeroPoints, int row0, int m, MemorySegment scratch) {
        boolean signed = p.signedA();
        for (int r = 0; r < m; r++) {
            int zeroPoint = 0;
            if (zeroPoints != null) {
                byte z = zeroPoints.get(ValueLayout.JAVA_BYTE, p.aZeroPerRow() ? row0 + r : 0);
                zeroPoint = signed ? z : z & 0xFF;
            }
            long at = (long) (row0 + r) * p.k();
            long to = (long) r * p.k() * Float.BYTES;
            convert(a, at, signed, zeroPoint, p.k(), scratch, to);
        }
    }

    /** Converts integers less a zero point to floats. */
    private static void convert(
            MemorySegment a, long at, boolean signed, int zeroPoint, int k, MemorySegment to, long toAt) {
        int vectors = HAS_BYTE_SPECIES ? k - k % LANES : 0;
        if (signed) {
            convertSigned(a, at, zeroPoint, vectors, to, toAt);
        } else {
            convertUnsigned(a, at, zeroPoint, vectors, to, toAt);
        }
        for (int i = vectors; i < k; i++) {
            byte x = a.get(ValueLayout.JAVA_BYTE, at + i);
            to.set(ValueLayout.JAVA_FLOAT, toAt + (long) i * Float.BYTES, (signed ? x : x & 0xFF) - zeroPoint);
        }
    }

    /** Converts signed integers less a zero point to floats; their number is a multiple of the lanes. */
    private static void convertSigned(MemorySegment a, long at, int zeroPoint, int k, MemorySegment to, long toAt) {
        a = NATIVE.cast(a);
        to = NATIVE.cast(to);
        for (int i = 0; i < k; i += LANES) {
            IntVector v = (IntVector)
                    ByteVector.fromMemorySegment(I8, a, at + i, ORDER).convertShape(VectorOperators.B2I, I32, 0);
            ((FloatVector) v.sub(zeroPoint).convert(VectorOperators.I2F, 0))
                    .intoMemorySegment(to, toAt + (long) i * Float.BYTES, ORDER);
        }
    }

    /** Converts unsigned integers less a zero point to floats; their number is a multiple of the lanes. */
    private static void convertUnsigned(MemorySegment a, long at, int zeroPoint, int k, MemorySegment to, long toAt) {
        a = NATIVE.cast(a);
        to = NATIVE.cast(to);
        for (int i = 0; i < k; i += LANES) {
            IntVector v = (IntVector) ByteVector.fromMemorySegment(I8, a, at + i, ORDER)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, I32, 0);
            ((FloatVector) v.sub(zeroPoint).convert(VectorOperators.I2F, 0))
                    .intoMemorySegment(to, toAt + (long) i * Float.BYTES, ORDER);
        }
    }

    private void multiply(
            int row, int column, int m, int n, MemorySegment[] operands, MemorySegment scratch, MemorySegment y) {
        MemorySegment b = operands[1];
        int variant = (row == rowParts - 1 ? 2 : 0) | (column == columnParts - 1 ? 1 : 0);
        long yAt = ((long) row * partRows * p.n() + (long) column * partColumns) * Integer.BYTES;
        if (p.floatOutput() && p.k() <= depth) {
            VectorGemm g = gemms[variant];
            long panel = VectorPanels.offset(p.k(), column * partColumns / GemmTile.COLUMNS, 0);
            int all = g.parts();
            g.run(0, all, scratch, 0, p.k(), b, panel, y, yAt, p.n(), null, 0, false, epilogue, operands, scratch);
            return;
        }
        long tile = convertedBytes();
        long block = 0;
        for (int k0 = 0; k0 == 0 || k0 < p.k(); k0 += depth) {
            int terms = Math.min(depth, p.k() - k0);
            boolean lastBlock = k0 + terms >= p.k();
            VectorGemm g = gemms[variant | (lastBlock ? 4 : 0)];
            long panel = block + VectorPanels.offset(terms, column * partColumns / GemmTile.COLUMNS, 0);
            long at = (long) k0 * Float.BYTES;
            g.run(0, g.parts(), scratch, at, p.k(), b, panel, scratch, tile, n, null, 0, false);
            addBlock(scratch, tile, m, n, y, yAt, k0 > 0, p.floatOutput() && lastBlock);
            block += VectorPanels.byteSize(terms, p.n());
        }
        if (epilogue != null) {
            epilogue.apply(y, yAt, m, n, p.n(), operands, scratch);
        }
    }

    /** Adds a block to the int32 sums, if there are any yet; after the last block they may become floats. */
    private void addBlock(
            MemorySegment tile, long from, int m, int n, MemorySegment y, long to, boolean accumulate, boolean round) {
        tile = NATIVE.cast(tile);
        y = NATIVE.cast(y);
        for (int r = 0; r < m; r++) {
            long in = from + (long) r * n * Float.BYTES;
            long out = to + (long) r * p.n() * Integer.BYTES;
            int j = 0;
            for (; j <= n - LANES; j += LANES) {
                IntVector v = (IntVector)
                        FLOATS.cast(FloatVector.fromMemorySegment(F32, tile, in + (long) j * Float.BYTES, ORDER))
                                .convertShape(VectorOperators.F2I, I32, 0);
                long at = out + (long) j * Integer.BYTES;
                (accumulate ? v.add(IntVector.fromMemorySegment(I32, y, at, ORDER)) : v)
                        .intoMemorySegment(y, at, ORDER);
            }
            for (; j < n; j++) {
                int v = (int) tile.get(ValueLayout.JAVA_FLOAT, in + (long) j * Float.BYTES);
                long at = out + (long) j * Integer.BYTES;
                y.set(ValueLayout.JAVA_INT, at, accumulate ? v + y.get(ValueLayout.JAVA_INT, at) : v);
            }
            if (round) {
                round(y, out, n);
            }
        }
    }

    /** Replaces integers by floats. */
    private static void round(MemorySegment y, long from, int n) {
        y = NATIVE.cast(y);
        for (int j = 0; j < n; j++) {
            long at = from + (long) j * Integer.BYTES;
            y.set(ValueLayout.JAVA_FLOAT, at, y.get(ValueLayout.JAVA_INT, at));
        }
    }
}
