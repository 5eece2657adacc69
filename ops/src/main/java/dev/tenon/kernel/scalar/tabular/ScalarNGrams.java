package dev.tenon.kernel.scalar.tabular;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowPartition;
import dev.tenon.kernel.tabular.NGramProblem;
import dev.tenon.kernel.tabular.NGramTable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Counts n-grams. The tokens of a row become codes first. Then the tree of n-grams is walked from each of them, without
 * branches that
 * depend on the tokens: a walk that leaves the tree goes on at a node of its own, which counts for nothing.
 */
public final class ScalarNGrams implements Kernel {
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_NANOS = 50_000;
    private static final int WALK_NANOS = 3;
    private static final int ZEROS_PER_NANO = 16;

    private final NGramProblem p;
    private final NGramTable table;
    private final RowPartition partition;
    private final long rowNanos;

    // In scratch memory: codes of tokens, then the count of each n-gram and of none, then the n-grams that have been
    // found.
    private final long countsAt;
    private final long foundAt;

    /**
     * A kernel.
     *
     * @param p the problem. The operands are the tokens and the results
     */
    public ScalarNGrams(NGramProblem p) {
        this.p = p;
        this.table = p.table();
        this.rowNanos = 1 + WALK_NANOS * p.walks() + p.columns() / ZEROS_PER_NANO;
        this.partition = RowPartition.of(p.rows(), rowNanos, PART_NANOS);
        this.countsAt = (long) p.length() * Integer.BYTES;
        this.foundAt = countsAt + (table.size() + 1L) * Integer.BYTES;
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
        return foundAt + (p.walks() + 1) * Integer.BYTES;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int i = 0; i <= table.size(); i++) {
            scratch.set(I32, countsAt + 4L * i, 0);
        }
        for (long row = partition.start(from); row < partition.start(to); row++) {
            KeyIndices.find(table.tokens(), p.dtype(), operands[0], row * p.length(), p.length(), scratch);
            int found = singles(scratch);
            for (int distance = 1; distance <= p.maxDistance(); distance++) {
                found = walks(scratch, distance, found);
            }
            write(operands[1], row * p.columns() * Float.BYTES, scratch, found);
        }
    }

    private int singles(MemorySegment scratch) {
        int none = table.size();
        int found = 0;
        for (int i = 0; i < p.length(); i++) {
            int id = table.ngram(table.single(scratch.get(I32, 4L * i) + 1));
            found = count(scratch, id, none, found);
        }
        return found;
    }

    /** Counts the n-grams of two and more tokens at a distance. */
    private int walks(MemorySegment scratch, int distance, int before) {
        int none = table.size();
        int found = before;
        for (int first = 0; first + distance < p.length(); first++) {
            int node = table.single(scratch.get(I32, 4L * first) + 1);
            int last = (int) Math.min(p.length(), (long) first + (long) (p.most() - 1) * distance + 1);
            for (int i = first + distance; i < last; i += distance) {
                node = table.longer(node, scratch.get(I32, 4L * i) + 1);
                found = count(scratch, table.ngram(node), none, found);
            }
        }
        return found;
    }

    private int count(MemorySegment scratch, int id, int none, int found) {
        long at = countsAt + 4L * id;
        scratch.set(I32, at, scratch.get(I32, at) + 1);
        scratch.set(I32, foundAt + 4L * found, id);
        return id == none ? found : found + 1;
    }

    /** Writes the row of the n-grams that were found, each as often as it was found, and clears their counts. */
    private void write(MemorySegment y, long at, MemorySegment scratch, int found) {
        for (int i = 0; i < p.columns(); i++) {
            y.set(F32, at + 4L * i, 0);
        }
        for (int i = 0; i < found; i++) {
            int id = scratch.get(I32, foundAt + 4L * i);
            y.set(F32, at + 4L * table.column(id), number(scratch.get(I32, countsAt + 4L * id), id));
        }
        for (int i = 0; i < found; i++) {
            scratch.set(I32, countsAt + 4L * scratch.get(I32, foundAt + 4L * i), 0);
        }
    }

    private float number(int count, int id) {
        return switch (p.mode()) {
            case TF -> count;
            case IDF -> table.weight(id);
            case TFIDF -> (float) ((double) count * table.weight(id));
        };
    }
}
