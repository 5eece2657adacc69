package dev.tenon.kernel.vector.recurrent;

import dev.tenon.budget.WorkBudget;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.recurrent.RecurrentProblem;
import dev.tenon.kernel.recurrent.RecurrentProblem.Kind;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.VectorGemm;
import dev.tenon.kernel.vector.gemm.VectorPanels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Recurrent operators. For a chunk of steps of some sequences, the products of the inputs with the weights of a gate are one
 * matrix product. Then, step by step, the product of the states with the weights is added, and {@link RecurrentCells} does the
 * element-wise part. A part is some sequences in one direction.
 */
public final class VectorRecurrent implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int PEEPHOLES = 3;
    /** The maximum number of sequences of a part. */
    private static final int MAX_ROWS = 24;
    /** The rows of a product with inputs: sequences times steps. */
    private static final int CHUNK_ROWS = 96;

    private static final long ALIGNMENT = 64;

    private final RecurrentProblem p;
    private final int hidden;
    private final int gates;
    private final long stateBytes;

    /** The elements of a gate, a state or peepholes in scratch memory: the size of the state, padded for the loops. */
    private final int paddedHidden;

    private final long paddedBytes;
    private final int rows;
    private final int blocks;
    private final int chunkSteps;
    private final VectorGemm[] inputProducts;
    private final VectorGemm[] stateProducts;
    private final RecurrentCells[] cells;
    private final long peepholesAt;
    private final long boundsAt;
    private final long xAt;
    private final long gatesAt;
    private final long hAt;
    private final long cAt;
    private final long candidateAt;
    private final long scratchBytes;

    private VectorRecurrent(RecurrentProblem p, Tiling tiling) {
        this.p = p;
        hidden = p.hidden();
        gates = p.kind().gates();
        stateBytes = (long) hidden * Float.BYTES;
        int granule = RecurrentCells.granule(p.cell());
        paddedHidden = Math.ceilDiv(hidden, granule) * granule;
        paddedBytes = (long) paddedHidden * Float.BYTES;
        blocks = Math.ceilDiv(p.batch(), MAX_ROWS);
        rows = Math.ceilDiv(p.batch(), blocks);
        chunkSteps = Math.clamp(CHUNK_ROWS / rows, 1, p.steps());
        int lastRows = p.batch() - rows * (blocks - 1);
        int lastChunk = p.steps() % chunkSteps == 0 ? chunkSteps : p.steps() % chunkSteps;
        // The last part may have fewer sequences, and the last chunk fewer steps: index 2 for the former, plus 1 for
        // the latter.
        inputProducts = new VectorGemm[] {
            new VectorGemm(rows * chunkSteps, hidden, p.input(), tiling),
            new VectorGemm(rows * lastChunk, hidden, p.input(), tiling),
            new VectorGemm(lastRows * chunkSteps, hidden, p.input(), tiling),
            new VectorGemm(lastRows * lastChunk, hidden, p.input(), tiling)
        };
        stateProducts = new VectorGemm[] {
            new VectorGemm(rows, hidden, hidden, tiling), new VectorGemm(lastRows, hidden, hidden, tiling)
        };
        peepholesAt = align((gates + 1) * paddedBytes);
        boundsAt = peepholesAt + (p.cell().peepholes() ? align(PEEPHOLES * paddedBytes) : 0);
        xAt = boundsAt + ALIGNMENT;
        gatesAt = xAt + align((long) rows * chunkSteps * p.input() * Float.BYTES);
        hAt = gatesAt + align((long) rows * chunkSteps * gates * paddedBytes);
        cAt = hAt + align(rows * paddedBytes);
        candidateAt = cAt + align(rows * paddedBytes);
        scratchBytes = candidateAt + align(rows * paddedBytes);
        cells = new RecurrentCells[p.directions()];
        for (int direction = 0; direction < cells.length; direction++) {
            cells[direction] = new RecurrentCells(p.cell(), direction, paddedHidden, boundsAt, peepholesAt);
        }
        Math.multiplyExact(p.directions(), blocks);
    }

    /**
     * A kernel.
     *
     * @param p the problem, with packed weights
     * @param tiling the block sizes
     * @return the kernel
     */
    public static Kernel of(RecurrentProblem p, Tiling tiling) {
        return new VectorRecurrent(p, tiling);
    }

    private static long align(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }

    @Override
    public String id() {
        return "recurrent_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public String tiling() {
        return inputProducts[0].blocking() + ", " + stateProducts[0].blocking();
    }

    @Override
    public int parts() {
        return p.directions() * blocks;
    }

    @Override
    public long partNanos() {
        return 1 + (long) p.steps() * rows * (p.stepWork() / 32 + 2L * gates * hidden);
    }

    @Override
    public long scratchBytes() {
        return scratchBytes;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        p.checkLengths(operands);
        for (int part = from; part < to; part++) {
            int direction = part / blocks;
            int first = part % blocks * rows;
            int count = Math.min(rows, p.batch() - first);
            int longest = 0;
            for (int row = 0; row < count; row++) {
                longest = Math.max(longest, p.length(operands, first + row));
            }
            bias(p.operand(operands, RecurrentProblem.B), direction, scratch);
            for (int i = 0; i < PEEPHOLES && p.cell().peepholes(); i++) {
                long at = ((long) direction * PEEPHOLES + i) * stateBytes;
                copyPadded(operands[RecurrentProblem.PEEPHOLES], at, scratch, peepholesAt + i * paddedBytes);
            }
            scratch.set(F32, boundsAt, -p.cell().clip());
            scratch.set(F32, boundsAt + Float.BYTES, p.cell().clip());
            load(p.operand(operands, RecurrentProblem.INITIAL_H), direction, first, count, scratch, hAt);
            load(p.operand(operands, RecurrentProblem.INITIAL_H + 1), direction, first, count, scratch, cAt);
            for (int step = 0; step < longest; step += chunkSteps) {
                WorkBudget.check();
                steps(operands, direction, first, count, step, longest, scratch);
            }
            finish(operands, direction, first, count, scratch);
        }
    }

    /** Writes the bias of each gate at offset 0, and after them the separate bias of the state if there is one. */
    private void bias(MemorySegment b, int direction, MemorySegment s) {
        if (b == null) {
            MemoryMoves.clear(s, 0, (gates + 1L) * paddedBytes);
            return;
        }
        long own = (long) direction * 2 * gates * stateBytes;
        long other = own + gates * stateBytes;
        for (int gate = 0; gate < gates; gate++) {
            long at = gate * stateBytes;
            if (p.kind().hasSeparateBias(gate)) {
                copyPadded(b, own + at, s, gate * paddedBytes);
            } else {
                sumBias(b, own + at, other + at, s, gate * paddedBytes);
                MemoryMoves.clear(s, gate * paddedBytes + stateBytes, paddedBytes - stateBytes);
            }
        }
        if (p.kind().hasSeparateBias(gates - 1)) {
            copyPadded(b, other + (gates - 1) * stateBytes, s, gates * paddedBytes);
        }
    }

    /** Adds two biases. The loop has no branch that depends on the index: C2 would recompile such a loop repeatedly. */
    private void sumBias(MemorySegment b, long own, long other, MemorySegment s, long to) {
        for (long i = 0; i < stateBytes; i += Float.BYTES) {
            s.set(F32, to + i, b.get(F32, own + i) + b.get(F32, other + i));
        }
    }

    /** Copies a vector of the size of the state, and pads it with zeros. */
    private void copyPadded(MemorySegment from, long at, MemorySegment s, long to) {
        MemorySegment.copy(from, at, s, to, stateBytes);
        MemoryMoves.clear(s, to + stateBytes, paddedBytes - stateBytes);
    }

    private void load(MemorySegment from, int direction, int first, int count, MemorySegment s, long to) {
        if (from == null) {
            MemoryMoves.clear(s, to, count * paddedBytes);
            return;
        }
        for (int i = 0; i < count; i++) {
            copyPadded(from, p.stateAt(direction, first + i) * Float.BYTES, s, to + i * paddedBytes);
        }
    }

    private void steps(
            MemorySegment[] operands, int direction, int first, int count, int step, int longest, MemorySegment s) {
        int steps = Math.min(chunkSteps, p.steps() - step);
        gather(operands, direction, first, count, step, steps, s);
        boolean last = first + count == p.batch();
        VectorGemm g = inputProducts[(last ? 2 : 0) + (step + steps == p.steps() ? 1 : 0)];
        long ld = (long) gates * paddedHidden;
        long panels = VectorPanels.byteSize(p.input(), hidden);
        for (int i = 0; i < steps * count; i++) {
            MemorySegment.copy(s, 0, s, gatesAt + (long) i * gates * paddedBytes, gates * paddedBytes);
        }
        for (int gate = 0; gate < gates; gate++) {
            long w = ((long) direction * gates + gate) * panels;
            long to = gatesAt + gate * paddedBytes;
            g.run(0, g.parts(), s, xAt, p.input(), operands[RecurrentProblem.W], w, s, to, ld, null, 0, true);
        }
        MemorySegment y = p.result(operands, 0);
        for (int i = 0; i < steps && step + i < longest; i++) {
            long at = gatesAt + (long) i * count * gates * paddedBytes;
            cell(operands, direction, first, count, step + i, at, s);
            for (int row = 0; row < count && y != null; row++) {
                int length = p.length(operands, first + row);
                if (step + i < length) {
                    int position = p.position(direction, length, step + i);
                    long to = p.yAt(position, direction, first + row) * Float.BYTES;
                    MemorySegment.copy(s, hAt + row * paddedBytes, y, to, stateBytes);
                }
            }
        }
    }

    private void gather(
            MemorySegment[] operands, int direction, int first, int count, int step, int steps, MemorySegment s) {
        long bytes = (long) p.input() * Float.BYTES;
        for (int i = 0; i < steps; i++) {
            for (int row = 0; row < count; row++) {
                long to = xAt + ((long) i * count + row) * bytes;
                int length = p.length(operands, first + row);
                if (step + i < length) {
                    long from = p.xAt(p.position(direction, length, step + i), first + row) * Float.BYTES;
                    MemorySegment.copy(operands[RecurrentProblem.X], from, s, to, bytes);
                } else {
                    MemoryMoves.clear(s, to, bytes);
                }
            }
        }
    }

    private void cell(
            MemorySegment[] operands, int direction, int first, int count, int step, long at, MemorySegment s) {
        Kind kind = p.kind();
        VectorGemm g = stateProducts[first + count == p.batch() ? 1 : 0];
        MemorySegment r = operands[RecurrentProblem.R];
        RecurrentCells cells = this.cells[direction];
        int independent = kind == Kind.GRU || kind == Kind.GRU_LINEAR ? 2 : gates;
        for (int gate = 0; gate < independent; gate++) {
            addStateProduct(g, r, direction, gate, s, hAt, at + gate * paddedBytes);
        }
        if (kind == Kind.GRU) {
            for (int row = 0; row < count; row++) {
                long gatesOfRow = at + (long) row * gates * paddedBytes;
                cells.resetState(s, gatesOfRow, hAt + row * paddedBytes, candidateAt + row * paddedBytes);
            }
            addStateProduct(g, r, direction, 2, s, candidateAt, at + 2 * paddedBytes);
        } else if (kind == Kind.GRU_LINEAR) {
            long panels = ((long) direction * gates + 2) * VectorPanels.byteSize(hidden, hidden);
            for (int row = 0; row < count; row++) {
                MemorySegment.copy(s, gates * paddedBytes, s, candidateAt + row * paddedBytes, paddedBytes);
            }
            g.run(0, g.parts(), s, hAt, paddedHidden, r, panels, s, candidateAt, paddedHidden, null, 0, true);
        }
        for (int row = 0; row < count; row++) {
            if (step < p.length(operands, first + row)) {
                long gatesOfRow = at + (long) row * gates * paddedBytes;
                long h = hAt + row * paddedBytes;
                switch (kind) {
                    case RNN -> cells.rnn(s, gatesOfRow, h);
                    case LSTM -> cells.lstm(s, gatesOfRow, h, cAt + row * paddedBytes);
                    case GRU -> cells.gru(s, gatesOfRow, h);
                    case GRU_LINEAR -> cells.linearGru(s, gatesOfRow, h, candidateAt + row * paddedBytes);
                }
            }
        }
    }

    /** Adds the product of the states with the weights of a gate. */
    private void addStateProduct(
            VectorGemm g, MemorySegment r, int direction, int gate, MemorySegment s, long state, long to) {
        long panels = ((long) direction * gates + gate) * VectorPanels.byteSize(hidden, hidden);
        long ld = (long) gates * paddedHidden;
        g.run(0, g.parts(), s, state, paddedHidden, r, panels, s, to, ld, null, 0, true);
    }

    private void finish(MemorySegment[] operands, int direction, int first, int count, MemorySegment s) {
        MemorySegment y = p.result(operands, 0);
        for (int row = 0; row < count; row++) {
            for (int step = p.length(operands, first + row); step < p.steps() && y != null; step++) {
                MemoryMoves.clear(y, p.yAt(step, direction, first + row) * Float.BYTES, stateBytes);
            }
            long at = p.stateAt(direction, first + row) * Float.BYTES;
            store(p.result(operands, 1), at, s, hAt + row * paddedBytes);
            store(p.result(operands, 2), at, s, cAt + row * paddedBytes);
        }
    }

    private void store(MemorySegment to, long at, MemorySegment s, long from) {
        if (to != null) {
            MemorySegment.copy(s, from, to, at, stateBytes);
        }
    }
}
