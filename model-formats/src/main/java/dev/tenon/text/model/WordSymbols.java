package dev.tenon.text.model;

import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * The tokens of a word while pairs of them become one. Short words look at all pairs again after each step; long ones keep
 * the pairs in a heap, so that time is not quadratic. For one thread at a time.
 */
final class WordSymbols {
    private static final int SHORT = 48;
    private static final int END = -1;

    private int[] ids;
    private int[] lengths;
    private int[] previous;
    private int[] next;
    private long[] pairs;
    private int size;

    WordSymbols(int expected) {
        int capacity = Math.max(expected, 4);
        ids = new int[capacity];
        lengths = new int[capacity];
    }

    /** Appends a token of some bytes. */
    void add(int id, int length) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
            lengths = Arrays.copyOf(lengths, 2 * size);
        }
        ids[size] = id;
        lengths[size++] = length;
    }

    int first() {
        return size == 0 ? END : 0;
    }

    /** The index of the token after another, or a negative number. */
    int next(int index) {
        return next[index];
    }

    int id(int index) {
        return ids[index];
    }

    int length(int index) {
        return lengths[index];
    }

    /** Merges pairs, the least rank first, of equal ranks the leftmost first. */
    void merge(Merges merges) {
        previous = new int[size];
        next = new int[size];
        pairs = new long[size];
        for (int i = 0; i < size; i++) {
            previous[i] = i - 1;
            next[i] = i + 1 < size ? i + 1 : END;
            pairs[i] = i + 1 < size ? merges.get(ids[i], ids[i + 1]) : Merges.NONE;
        }
        if (size <= SHORT) {
            mergeShort(merges);
        } else {
            mergeLong(merges);
        }
    }

    private void mergeShort(Merges merges) {
        while (true) {
            int best = END;
            for (int i = first(); i >= 0; i = next[i]) {
                // Ranks are not negative, so as unsigned numbers they are less than NONE.
                if (pairs[i] != Merges.NONE && (best == END || pairs[i] >>> 32 < pairs[best] >>> 32)) {
                    best = i;
                }
            }
            if (best == END) {
                return;
            }
            join(best, merges);
        }
    }

    /**
     * A pair in the heap.
     *
     * @param value the rank and the id of the pair
     * @param index the index of its left token
     */
    private record Candidate(long value, int index) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            int order = Long.compare(value >>> 32, other.value >>> 32);
            return order == 0 ? Integer.compare(index, other.index) : order;
        }
    }

    private void mergeLong(Merges merges) {
        PriorityQueue<Candidate> heap = new PriorityQueue<>();
        for (int i = 0; i < size; i++) {
            offer(heap, i);
        }
        for (Candidate top = heap.poll(); top != null; top = heap.poll()) {
            int i = top.index();
            if (lengths[i] == 0 || pairs[i] != top.value()) {
                continue;
            }
            join(i, merges);
            if (previous[i] >= 0) {
                offer(heap, previous[i]);
            }
            offer(heap, i);
        }
    }

    private void offer(PriorityQueue<Candidate> heap, int index) {
        if (pairs[index] != Merges.NONE) {
            heap.add(new Candidate(pairs[index], index));
        }
    }

    private void join(int left, Merges merges) {
        int right = next[left];
        ids[left] = (int) pairs[left];
        lengths[left] += lengths[right];
        lengths[right] = 0;
        next[left] = next[right];
        if (next[left] >= 0) {
            previous[next[left]] = left;
        }
        pairs[right] = Merges.NONE;
        pairs[left] = next[left] >= 0 ? merges.get(ids[left], ids[next[left]]) : Merges.NONE;
        int before = previous[left];
        if (before >= 0) {
            pairs[before] = merges.get(ids[before], ids[left]);
        }
    }
}
