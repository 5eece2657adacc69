package dev.tenon.kernel.scalar.tabular;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.tabular.NGramProblem;
import dev.tenon.kernel.tabular.NGramTable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Counts n-grams. The tokens of a row become codes first, then the tree of n-grams is walked from each of them. Counts are kept in
 * the row of results, as float32 holds them exactly.
 */
public final class ScalarNGrams implements Kernel {
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_NANOS = 50_000;
    private static final int WALK_NANOS = 5;
    private static final int ZEROS_PER_NANO = 16;

    private final NGramProblem p;
    private final NGramTable table;
    private final RowPartition partition;
    private final long rowNanos;

    // The n-grams of a row that have been found are stored after the codes of its tokens.
    private final long foundAt;

    /**
     * A kernel.
     *
     * @param p the problem, whose rows have less than 2<sup>24</sup> pairs of tokens in all distances. The operands are the
     *     tokens and the results
     */
    public ScalarNGrams(NGramProblem p) {
        this.p = p;
        this.table = p.table();
        this.rowNanos = 1 + WALK_NANOS * (1L + p.maxDistance()) * p.length() + p.columns() / ZEROS_PER_NANO;
        this.partition = RowPartition.of(p.rows(), rowNanos, PART_NANOS);
        this.foundAt = (long) p.length() * Integer.BYTES;
    }

    @Override
    public String id() {
        return "ngrams_scalar";
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        return partition.maxPartRows() * rowNanos;
    }

    @Override
    public long scratchBytes() {
        return foundAt + (p.mode() == NGramProblem.Mode.TFIDF ? (long) table.size() * Integer.BYTES : 0);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment y = operands[1];
        for (long row = partition.start(from); row < partition.start(to); row++) {
            long at = row * p.columns() * Float.BYTES;
            KeyIndices.find(table.tokens(), p.dtype(), operands[0], row * p.length(), p.length(), scratch);
            for (int i = 0; i < p.columns(); i++) {
                y.set(F32, at + 4L * i, 0);
            }
            int found = singles(scratch, y, at);
            for (int distance = 1; distance <= p.maxDistance(); distance++) {
                found = walks(scratch, distance, y, at, found);
            }
            for (int i = 0; i < found; i++) {
                int id = scratch.get(I32, foundAt + 4L * i);
                long place = at + 4L * table.column(id);
                y.set(F32, place, (float) ((double) y.get(F32, place) * table.weight(id)));
            }
        }
    }

    private int singles(MemorySegment codes, MemorySegment y, long at) {
        int found = 0;
        for (int i = 0; i < p.length(); i++) {
            int code = codes.get(I32, 4L * i);
            if (code >= 0) {
                found = count(table.single(code), codes, y, at, found);
            }
        }
        return found;
    }

    /** Counts the n-grams of two and more tokens at a distance. */
    private int walks(MemorySegment codes, int distance, MemorySegment y, long at, int found) {
        int now = found;
        for (int first = 0; first + distance < p.length(); first++) {
            int code = codes.get(I32, 4L * first);
            int node = code < 0 ? 0 : table.single(code);
            for (long i = (long) first + distance; node != 0 && i < p.length(); i += distance) {
                code = codes.get(I32, 4L * i);
                node = code < 0 ? 0 : table.longer(node, code);
                now = count(node, codes, y, at, now);
            }
        }
        return now;
    }

    /** Counts the n-grams that end at a node, none at the root. Returns the number of different ones so far, for TFIDF. */
    private int count(int node, MemorySegment scratch, MemorySegment y, long at, int found) {
        int now = found;
        for (int id = table.first(node); id >= 0; id = table.next(id)) {
            long place = at + 4L * table.column(id);
            if (p.mode() == NGramProblem.Mode.IDF) {
                y.set(F32, place, table.weight(id));
                continue;
            }
            float count = y.get(F32, place);
            if (count == 0 && p.mode() == NGramProblem.Mode.TFIDF) {
                scratch.set(I32, foundAt + 4L * now, id);
                now++;
            }
            y.set(F32, place, count + 1);
        }
        return now;
    }
}
