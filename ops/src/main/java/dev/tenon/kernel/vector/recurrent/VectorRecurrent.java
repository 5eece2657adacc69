package dev.tenon.kernel.vector.recurrent;

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
 * Recurrent operators: what some steps of some sequences bring to the gates is one product for each gate; then step by
 * step the product with the states is added and {@link RecurrentCells} does the rest. A part is some sequences in one
 * direction.
 */
public final class VectorRecurrent implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int PEEPHOLES = 3;
    private static final int ROWS = 24;
    private static final int CHUNK_ROWS = 96;
    private static final long ALIGNMENT = 64;

    private final RecurrentProblem p;
    private final int hidden;
    private final int gates;
    private final long stateBytes;
    /** Elements of a gate, of a state, and of peepholes in scratch memory, and their bytes. */
    private final int line;

    private final long lineBytes;
    private final int rows;
    private final int blocks;
    private final int chunk;
    private final VectorGemm[] inputs;
    private final VectorGemm[] states;
    private final RecurrentCells[] cells;
    private final long peepholesAt;
    private final long boundsAt;
    private final long xAt;
    private final long gatesAt;
    private final long hAt;
    private final long cAt;
    private final long keptAt;
    private final long end;

    private VectorRecurrent(RecurrentProblem p, Tiling tiling) {
        this.p = p;
        hidden = p.hidden();
        gates = p.kind().gates();
        stateBytes = (long) hidden * Float.BYTES;
        int granule = RecurrentCells.granule(p.cell());
        line = Math.ceilDiv(hidden, granule) * granule;
        lineBytes = (long) line * Float.BYTES;
        blocks = Math.ceilDiv(p.batch(), ROWS);
        rows = Math.ceilDiv(p.batch(), blocks);
        chunk = Math.clamp(CHUNK_ROWS / rows, 1, p.steps());
        int lastRows = p.batch() - rows * (blocks - 1);
        int lastChunk = p.steps() % chunk == 0 ? chunk : p.steps() % chunk;
        // By whether the sequences and the steps are the last ones, which may be fewer.
        inputs = new VectorGemm[] {
            new VectorGemm(rows * chunk, hidden, p.input(), tiling),
            new VectorGemm(rows * lastChunk, hidden, p.input(), tiling),
            new VectorGemm(lastRows * chunk, hidden, p.input(), tiling),
            new VectorGemm(lastRows * lastChunk, hidden, p.input(), tiling)
        };
        states = new VectorGemm[] {
            new VectorGemm(rows, hidden, hidden, tiling), new VectorGemm(lastRows, hidden, hidden, tiling)
        };
        peepholesAt = up((gates + 1) * lineBytes);
        boundsAt = peepholesAt + (p.cell().peepholes() ? up(PEEPHOLES * lineBytes) : 0);
        xAt = boundsAt + ALIGNMENT;
        gatesAt = xAt + up((long) rows * chunk * p.input() * Float.BYTES);
        hAt = gatesAt + up((long) rows * chunk * gates * lineBytes);
        cAt = hAt + up(rows * lineBytes);
        keptAt = cAt + up(rows * lineBytes);
        end = keptAt + up(rows * lineBytes);
        cells = new RecurrentCells[p.directions()];
        for (int direction = 0; direction < cells.length; direction++) {
            cells[direction] = new RecurrentCells(p.cell(), direction, line, boundsAt, peepholesAt);
        }
        Math.multiplyExact(p.directions(), blocks);
    }

    /**
     * A kernel.
     *
     * @param p the operator, its weights packed
     * @param tiling the sizes of blocks
     * @return the kernel
     */
    public static Kernel of(RecurrentProblem p, Tiling tiling) {
        return new VectorRecurrent(p, tiling);
    }

    private static long up(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }

    @Override
    public String id() {
        return "recurrent_f32_vector" + SimdSpecies.BITS;
    }

    @Override
    public String tiling() {
        return inputs[0].blocking() + ", " + states[0].blocking();
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
        return end;
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
                line(operands[RecurrentProblem.PEEPHOLES], at, scratch, peepholesAt + i * lineBytes);
            }
            scratch.set(F32, boundsAt, -p.cell().clip());
            scratch.set(F32, boundsAt + Float.BYTES, p.cell().clip());
            load(p.operand(operands, RecurrentProblem.INITIAL), direction, first, count, scratch, hAt);
            load(p.operand(operands, RecurrentProblem.INITIAL + 1), direction, first, count, scratch, cAt);
            for (int step = 0; step < longest; step += chunk) {
                steps(operands, direction, first, count, step, longest, scratch);
            }
            finish(operands, direction, first, count, scratch);
        }
    }

    /** Writes what each gate starts from, and behind it the bias that belongs to the product with the state alone. */
    private void bias(MemorySegment b, int direction, MemorySegment s) {
        if (b == null) {
            MemoryMoves.clear(s, 0, (gates + 1L) * lineBytes);
            return;
        }
        long own = (long) direction * 2 * gates * stateBytes;
        long other = own + gates * stateBytes;
        for (int gate = 0; gate < gates; gate++) {
            long at = gate * stateBytes;
            if (p.kind().separateBias(gate)) {
                line(b, own + at, s, gate * lineBytes);
            } else {
                sum(b, own + at, other + at, s, gate * lineBytes);
                MemoryMoves.clear(s, gate * lineBytes + stateBytes, lineBytes - stateBytes);
            }
        }
        if (p.kind().separateBias(gates - 1)) {
            line(b, other + (gates - 1) * stateBytes, s, gates * lineBytes);
        }
    }

    /** One loop without a branch: C2 compiles those whose branches follow the index again and again, for seconds. */
    private void sum(MemorySegment b, long own, long other, MemorySegment s, long to) {
        for (long i = 0; i < stateBytes; i += Float.BYTES) {
            s.set(F32, to + i, b.get(F32, own + i) + b.get(F32, other + i));
        }
    }

    /** Writes a line, and zeros where it is longer than what there is. */
    private void line(MemorySegment from, long at, MemorySegment s, long to) {
        MemorySegment.copy(from, at, s, to, stateBytes);
        MemoryMoves.clear(s, to + stateBytes, lineBytes - stateBytes);
    }

    private void load(MemorySegment from, int direction, int first, int count, MemorySegment s, long to) {
        if (from == null) {
            MemoryMoves.clear(s, to, count * lineBytes);
            return;
        }
        for (int i = 0; i < count; i++) {
            line(from, p.stateAt(direction, first + i) * Float.BYTES, s, to + i * lineBytes);
        }
    }

    private void steps(
            MemorySegment[] operands, int direction, int first, int count, int step, int longest, MemorySegment s) {
        int steps = Math.min(chunk, p.steps() - step);
        gather(operands, direction, first, count, step, steps, s);
        boolean last = first + count == p.batch();
        VectorGemm g = inputs[(last ? 2 : 0) + (step + steps == p.steps() ? 1 : 0)];
        long ld = (long) gates * line;
        long panels = VectorPanels.byteSize(p.input(), hidden);
        for (int i = 0; i < steps * count; i++) {
            MemorySegment.copy(s, 0, s, gatesAt + (long) i * gates * lineBytes, gates * lineBytes);
        }
        for (int gate = 0; gate < gates; gate++) {
            long w = ((long) direction * gates + gate) * panels;
            long to = gatesAt + gate * lineBytes;
            g.run(0, g.parts(), s, xAt, p.input(), operands[RecurrentProblem.W], w, s, to, ld, null, 0, true);
        }
        MemorySegment y = p.result(operands, 0);
        for (int i = 0; i < steps && step + i < longest; i++) {
            long at = gatesAt + (long) i * count * gates * lineBytes;
            cell(operands, direction, first, count, step + i, at, states[last ? 1 : 0], s);
            for (int row = 0; row < count && y != null; row++) {
                int length = p.length(operands, first + row);
                if (step + i < length) {
                    int place = p.place(direction, length, step + i);
                    long to = p.yAt(place, direction, first + row) * Float.BYTES;
                    MemorySegment.copy(s, hAt + row * lineBytes, y, to, stateBytes);
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
                    long from = p.xAt(p.place(direction, length, step + i), first + row) * Float.BYTES;
                    MemorySegment.copy(operands[RecurrentProblem.X], from, s, to, bytes);
                } else {
                    MemoryMoves.clear(s, to, bytes);
                }
            }
        }
    }

    private void cell(
            MemorySegment[] operands,
            int direction,
            int first,
            int count,
            int step,
            long at,
            VectorGemm g,
            MemorySegment s) {
        Kind kind = p.kind();
        MemorySegment r = operands[RecurrentProblem.R];
        RecurrentCells cells = this.cells[direction];
        int early = kind == Kind.GRU || kind == Kind.GRU_LINEAR ? 2 : gates;
        for (int gate = 0; gate < early; gate++) {
            add(g, r, direction, gate, s, hAt, at + gate * lineBytes);
        }
        if (kind == Kind.GRU) {
            for (int row = 0; row < count; row++) {
                long gatesOfRow = at + (long) row * gates * lineBytes;
                cells.reset(s, gatesOfRow, hAt + row * lineBytes, keptAt + row * lineBytes);
            }
            add(g, r, direction, 2, s, keptAt, at + 2 * lineBytes);
        } else if (kind == Kind.GRU_LINEAR) {
            long panels = ((long) direction * gates + 2) * VectorPanels.byteSize(hidden, hidden);
            for (int row = 0; row < count; row++) {
                MemorySegment.copy(s, gates * lineBytes, s, keptAt + row * lineBytes, lineBytes);
            }
            g.run(0, g.parts(), s, hAt, line, r, panels, s, keptAt, line, null, 0, true);
        }
        for (int row = 0; row < count; row++) {
            if (step < p.length(operands, first + row)) {
                long gatesOfRow = at + (long) row * gates * lineBytes;
                long h = hAt + row * lineBytes;
                switch (kind) {
                    case RNN -> cells.rnn(s, gatesOfRow, h);
                    case LSTM -> cells.lstm(s, gatesOfRow, h, cAt + row * lineBytes);
                    case GRU -> cells.gru(s, gatesOfRow, h);
                    case GRU_LINEAR -> cells.linear(s, gatesOfRow, h, keptAt + row * lineBytes);
                }
            }
        }
    }

    /** Adds the product of states with the weights of a gate. */
    private void add(VectorGemm g, MemorySegment r, int direction, int gate, MemorySegment s, long state, long to) {
        long panels = ((long) direction * gates + gate) * VectorPanels.byteSize(hidden, hidden);
        long ld = (long) gates * line;
        g.run(0, g.parts(), s, state, line, r, panels, s, to, ld, null, 0, true);
    }

    private void finish(MemorySegment[] operands, int direction, int first, int count, MemorySegment s) {
        MemorySegment y = p.result(operands, 0);
        for (int row = 0; row < count; row++) {
            for (int step = p.length(operands, first + row); step < p.steps() && y != null; step++) {
                MemoryMoves.clear(y, p.yAt(step, direction, first + row) * Float.BYTES, stateBytes);
            }
            long at = p.stateAt(direction, first + row) * Float.BYTES;
            store(p.result(operands, 1), at, s, hAt + row * lineBytes);
            store(p.result(operands, 2), at, s, cAt + row * lineBytes);
        }
    }

    private void store(MemorySegment to, long at, MemorySegment s, long from) {
        if (to != null) {
            MemorySegment.copy(s, from, to, at, stateBytes);
        }
    }
}
