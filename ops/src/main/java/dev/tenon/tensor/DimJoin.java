package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** Maximum, minimum and broadcast of dimensions: one of the operands where that is provable, otherwise an atom. */
final class DimJoin {
    /** More operands are not compared with each other: they are kept as they are, which is correct too. */
    private static final int MAX_COMPARED = 32;

    private static final Comparator<Dim> BY_TEXT = (a, b) -> a.toString().compareTo(b.toString());

    private DimJoin() {}

    /** The maximum or minimum of two. */
    static Dim extremum(Atom.Kind kind, Dim a, Dim b) {
        List<Dim> all = operands(kind, a, b);
        if (all.size() > MAX_COMPARED) {
            return join(kind, all);
        }
        List<Dim> kept = new ArrayList<>();
        for (Dim candidate : all) {
            boolean dominated = false;
            for (Dim k : kept) {
                dominated |= dominates(kind, k, candidate);
            }
            if (!dominated) {
                kept.removeIf(k -> dominates(kind, candidate, k));
                kept.add(candidate);
            }
        }
        return join(kind, kept);
    }

    /** Whether the extremum of two is provably the first. */
    private static boolean dominates(Atom.Kind kind, Dim a, Dim b) {
        return kind == Atom.Kind.MAX ? DimBounds.isAtLeast(a, b) : DimBounds.isAtLeast(b, a);
    }

    /** The dimension that two dimensions broadcast to, if they may. */
    static Dim broadcast(Dim a, Dim b) {
        if (a.isKnown() && b.isKnown()) {
            return broadcastKnown(a, b);
        }
        if (a.equals(b) || isOne(b)) {
            return a;
        }
        if (isOne(a)) {
            return b;
        }
        List<Dim> all = operands(Atom.Kind.BROADCAST, a, b);
        boolean few = all.size() <= MAX_COMPARED;
        List<Dim> kept = new ArrayList<>();
        for (Dim candidate : all) {
            if (isOne(candidate)) {
                continue;
            }
            for (Dim k : kept) {
                if ((few && DimBounds.lower(k) > 1 && DimBounds.lower(candidate) > 1 && DimBounds.differ(k, candidate))
                        || (k.isKnown() && candidate.isKnown() && !k.equals(candidate))) {
                    throw conflict(a, b);
                }
            }
            kept.add(candidate);
        }
        kept.removeIf(k -> few && isMinOfAny(k, kept));
        for (Dim k : kept) {
            if (k.isKnown()) {
                return k;
            }
        }
        return kept.isEmpty() ? Dim.of(1) : join(Atom.Kind.BROADCAST, kept);
    }

    private static Dim broadcastKnown(Dim a, Dim b) {
        if (a.constant() == b.constant() || isOne(b)) {
            return a;
        }
        if (isOne(a)) {
            return b;
        }
        throw conflict(a, b);
    }

    private static boolean isOne(Dim d) {
        return d.isKnown() && d.constant() == 1;
    }

    static InvalidTensorException conflict(Dim a, Dim b) {
        return new InvalidTensorException(
                "broadcast",
                "dimensions " + TextReader.excerpt(a.toString()) + " and " + TextReader.excerpt(b.toString())
                        + " differ",
                "equal dimensions, or one of them 1",
                null);
    }

    /**
     * Whether one is the minimum of a dimension of a list and others, all at least 1. Such a minimum broadcasts to that
     * dimension only if it equals it or is 1. In both cases it can be left out.
     */
    private static boolean isMinOfAny(Dim one, List<Dim> dims) {
        Atom atom = one.single();
        if (atom == null || atom.kind() != Atom.Kind.MIN) {
            return false;
        }
        for (Dim d : dims) {
            if (!one.equals(d) && atom.operands().contains(d) && othersArePositive(atom.operands(), d)) {
                return true;
            }
        }
        return false;
    }

    private static boolean othersArePositive(List<Dim> dims, Dim one) {
        for (Dim d : dims) {
            if (!d.equals(one) && DimBounds.lower(d) < 1) {
                return false;
            }
        }
        return true;
    }

    /** The distinct operands of an operation on two. Nested operations of the same kind are flattened. */
    private static List<Dim> operands(Atom.Kind kind, Dim a, Dim b) {
        TreeSet<Dim> flat = new TreeSet<>(BY_TEXT);
        for (Dim dim : List.of(a, b)) {
            Atom atom = dim.single();
            if (atom != null && atom.kind() == kind) {
                flat.addAll(atom.operands());
            } else {
                flat.add(dim);
            }
        }
        return new ArrayList<>(flat);
    }

    private static Dim join(Atom.Kind kind, List<Dim> operands) {
        if (operands.size() == 1) {
            return operands.get(0);
        }
        operands.sort(BY_TEXT);
        return Dim.ofAtom(Atom.join(kind, operands));
    }
}
