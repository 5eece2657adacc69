package dev.tenon.kernel.vector;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RecurrentProblem;
import dev.tenon.kernel.RecurrentProblem.Kind;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.scalar.ScalarMoves;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Recurrent operators: what some steps of some sequences bring to the gates is one product for each gate; then step by
 * step the product with the states is added and {@link RecurrentCells} does the rest. A part is some sequences in one
 * direction.
 */
public final class VectorRecurrent implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final int B = 3;
    private static final int H = 5;
    private static final int C = 6;
    private static final int ROWS = 24;
    private static final int CHUNK_ROWS = 96;
    private static final long ALIGNMENT = 64;

    private final RecurrentProblem p;
    private final int hidden;
    private final int gates;
    private final long stateBytes;
    private final int rows;
    private final int blocks;
    private final int chunk;
    private final VectorGemm[] inputs;
    private final VectorGemm[] states;
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
        xAt = up((gates + 1) * stateBytes);
        gatesAt = xAt + up((long) rows * chunk * p.input() * Float.BYTES);
        hAt = gatesAt + up((long) rows * chunk * gates * stateBytes);
        cAt = hAt + up(rows * stateBytes);
        keptAt = cAt + up(rows * stateBytes);
        end = keptAt + up(rows * stateBytes);
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
        return "recurrent_f32_vector" + VectorShape.BITS;
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
        for (int part = from; part < to; part++) {
            int direction = part / blocks;
            int first = part % blocks * rows;
            int count = Math.min(rows, p.batch() - first);
            bias(p.bias() ? operands[B] : null, direction, scratch);
            load(p.initialH() ? operands[H] : null, direction, first, count, scratch, hAt);
            load(p.initialC() ? operands[C] : null, direction, first, count, scratch, cAt);
            for (int step = 0; step < p.steps(); step += chunk) {
                steps(operands, direction, first, count, step, scratch);
            }
            finish(operands, direction, first, count, scratch);
        }
    }

    /** Writes what each gate starts from, and behind it the bias that belongs to the product with the state alone. */
    private void bias(MemorySegment b, int direction, MemorySegment s) {
        if (b == null) {
            ScalarMoves.clear(s, 0, (gates + 1L) * stateBytes);
            return;
        }
        long own = (long) direction * 2 * gates * stateBytes;
        long other = own + gates * stateBytes;
        for (int gate = 0; gate < gates; gate++) {
            long at = gate * stateBytes;
            if (p.kind().separateBias(gate)) {
                MemorySegment.copy(b, own + at, s, at, stateBytes);
            } else {
                sum(b, own + at, other + at, s, at);
            }
        }
        long last = (gates - 1) * stateBytes;
        if (p.kind().separateBias(gates - 1)) {
            MemorySegment.copy(b, other + last, s, gates * stateBytes, stateBytes);
        } else {
            ScalarMoves.clear(s, gates * stateBytes, stateBytes);
        }
    }

    /** One loop without a branch: C2 compiles those whose branches follow the index again and again, for seconds. */
    private void sum(MemorySegment b, long own, long other, MemorySegment s, long to) {
        for (long i = 0; i < stateBytes; i += Float.BYTES) {
            s.set(F32, to + i, b.get(F32, own + i) + b.get(F32, other + i));
        }
    }

    private void load(MemorySegment from, int direction, int first, int count, MemorySegment s, long to) {
        for (int i = 0; i < count; i++) {
            long at = to + i * stateBytes;
            if (from == null) {
                ScalarMoves.clear(s, at, stateBytes);
            } else {
                MemorySegment.copy(from, p.stateAt(direction, first + i) * Float.BYTES, s, at, stateBytes);
            }
        }
    }

    private void steps(MemorySegment[] operands, int direction, int first, int count, int step, MemorySegment s) {
        int steps = Math.min(chunk, p.steps() - step);
        gather(operands[0], direction, first, count, step, steps, s);
        boolean last = first + count == p.batch();
        VectorGemm g = inputs[(last ? 2 : 0) + (step + steps == p.steps() ? 1 : 0)];
        long ld = (long) gates * hidden;
        long panels = VectorPanels.byteSize(p.input(), hidden);
        for (int i = 0; i < steps * count; i++) {
            MemorySegment.copy(s, 0, s, gatesAt + (long) i * gates * stateBytes, gates * stateBytes);
        }
        for (int gate = 0; gate < gates; gate++) {
            long w = ((long) direction * gates + gate) * panels;
            long to = gatesAt + gate * stateBytes;
            g.run(0, g.parts(), s, xAt, p.input(), operands[1], w, s, to, ld, null, 0, true);
        }
        for (int i = 0; i < steps; i++) {
            long at = gatesAt + (long) i * count * gates * stateBytes;
            cell(operands[2], direction, first, count, step + i, at, states[last ? 1 : 0], s);
            for (int row = 0; row < count && operands[p.output()] != null; row++) {
                if (step + i < p.length(first + row)) {
                    int place = p.place(direction, first + row, step + i);
                    long y = p.yAt(place, direction, first + row) * Float.BYTES;
                    MemorySegment.copy(s, hAt + row * stateBytes, operands[p.output()], y, stateBytes);
                }
            }
        }
    }

    private void gather(MemorySegment x, int direction, int first, int count, int step, int steps, MemorySegment s) {
        long bytes = (long) p.input() * Float.BYTES;
        for (int i = 0; i < steps; i++) {
            for (int row = 0; row < count; row++) {
                long to = xAt + ((long) i * count + row) * bytes;
                if (step + i < p.length(first + row)) {
                    int place = p.place(direction, first + row, step + i);
                    MemorySegment.copy(x, p.xAt(place, first + row) * Float.BYTES, s, to, bytes);
                } else {
                    ScalarMoves.clear(s, to, bytes);
                }
            }
        }
    }

    private void cell(
            MemorySegment r, int direction, int first, int count, int step, long at, VectorGemm g, MemorySegment s) {
        Kind kind = p.kind();
        int early = kind == Kind.GRU || kind == Kind.GRU_LINEAR ? 2 : gates;
        for (int gate = 0; gate < early; gate++) {
            add(g, r, direction, gate, s, hAt, at + gate * stateBytes);
        }
        if (kind == Kind.GRU) {
            for (int row = 0; row < count; row++) {
                long gatesOfRow = at + (long) row * gates * stateBytes;
                RecurrentCells.reset(s, gatesOfRow, hAt + row * stateBytes, keptAt + row * stateBytes, hidden);
            }
            add(g, r, direction, 2, s, keptAt, at + 2 * stateBytes);
        } else if (kind == Kind.GRU_LINEAR) {
            long panels = ((long) direction * gates + 2) * VectorPanels.byteSize(hidden, hidden);
            for (int row = 0; row < count; row++) {
                MemorySegment.copy(s, gates * stateBytes, s, keptAt + row * stateBytes, stateBytes);
            }
            g.run(0, g.parts(), s, hAt, hidden, r, panels, s, keptAt, hidden, null, 0, true);
        }
        for (int row = 0; row < count; row++) {
            if (step < p.length(first + row)) {
                long gatesOfRow = at + (long) row * gates * stateBytes;
                long h = hAt + row * stateBytes;
                switch (kind) {
                    case RNN -> RecurrentCells.rnn(s, gatesOfRow, h, hidden);
                    case LSTM -> RecurrentCells.lstm(s, gatesOfRow, h, cAt + row * stateBytes, hidden);
                    case GRU -> RecurrentCells.gru(s, gatesOfRow, h, hidden);
                    case GRU_LINEAR -> RecurrentCells.linear(s, gatesOfRow, h, keptAt + row * stateBytes, hidden);
                }
            }
        }
    }

    /** Adds the product of states with the weights of a gate. */
    private void add(VectorGemm g, MemorySegment r, int direction, int gate, MemorySegment s, long state, long to) {
        long panels = ((long) direction * gates + gate) * VectorPanels.byteSize(hidden, hidden);
        long ld = (long) gates * hidden;
        g.run(0, g.parts(), s, state, hidden, r, panels, s, to, ld, null, 0, true);
    }

    private void finish(MemorySegment[] operands, int direction, int first, int count, MemorySegment s) {
        MemorySegment y = operands[p.output()];
        int outputs = operands.length - p.output();
        for (int row = 0; row < count; row++) {
            for (int step = p.length(first + row); step < p.steps() && y != null; step++) {
                ScalarMoves.clear(y, p.yAt(step, direction, first + row) * Float.BYTES, stateBytes);
            }
            long at = p.stateAt(direction, first + row) * Float.BYTES;
            if (outputs > 1 && operands[p.output() + 1] != null) {
                MemorySegment.copy(s, hAt + row * stateBytes, operands[p.output() + 1], at, stateBytes);
            }
            if (outputs > 2 && operands[p.output() + 2] != null) {
                MemorySegment.copy(s, cAt + row * stateBytes, operands[p.output() + 2], at, stateBytes);
            }
        }
    }
}
