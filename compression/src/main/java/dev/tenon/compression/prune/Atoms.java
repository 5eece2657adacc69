package dev.tenon.compression.prune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Indices along axes of values, as a union-find: two indices of one class can only go away together. A class may be frozen,
 * with a reason; then none of its indices may go away.
 */
final class Atoms {
    private int[] parents = new int[1024];
    private int count;
    private final List<String> reasons = new ArrayList<>();

    /** New classes of one index each. */
    int[] fresh(int size) {
        int[] ids = new int[size];
        for (int i = 0; i < size; i++) {
            if (count == parents.length) {
                parents = Arrays.copyOf(parents, 2 * count);
            }
            parents[count] = count;
            reasons.add(null);
            ids[i] = count++;
        }
        return ids;
    }

    /** The class of an index. */
    int find(int id) {
        int root = id;
        while (parents[root] != root) {
            root = parents[root];
        }
        int at = id;
        while (parents[at] != root) {
            int next = parents[at];
            parents[at] = root;
            at = next;
        }
        return root;
    }

    /** Ties two indices. The class has the number of its first index. */
    void union(int a, int b) {
        int ra = find(a);
        int rb = find(b);
        if (ra == rb) {
            return;
        }
        int root = Math.min(ra, rb);
        int other = Math.max(ra, rb);
        parents[other] = root;
        if (reasons.get(root) == null) {
            reasons.set(root, reasons.get(other));
        }
    }

    /** Ties the indices of two axes of one size. */
    void union(int[] a, int[] b) {
        for (int i = 0; i < a.length; i++) {
            union(a[i], b[i]);
        }
    }

    /** Freezes the classes of indices. The first reason stays. */
    void freeze(int[] ids, String reason) {
        if (ids == null) {
            return;
        }
        for (int id : ids) {
            int root = find(id);
            if (reasons.get(root) == null) {
                reasons.set(root, reason);
            }
        }
    }

    /** Why a class is frozen, or null if it is not. */
    String frozen(int id) {
        return reasons.get(find(id));
    }
}
