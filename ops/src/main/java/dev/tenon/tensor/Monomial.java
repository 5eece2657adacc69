package dev.tenon.tensor;

import dev.tenon.error.ResourceLimitException;
import java.util.Arrays;

/**
 * A product of powers of atoms, in ascending order of the atoms. The empty product is 1. The order is graded
 * lexicographic. Multiplication preserves it, as polynomial division needs.
 */
final class Monomial implements Comparable<Monomial> {
    static final int MAX_DEGREE = 256;
    static final Monomial ONE = new Monomial(new Atom[0], new int[0]);

    private final Atom[] atoms;
    private final int[] powers;
    private final int degree;
    private final int hash;

    private Monomial(Atom[] atoms, int[] powers) {
        this.atoms = atoms;
        this.powers = powers;
        int sum = 0;
        for (int power : powers) {
            sum += power;
        }
        this.degree = sum;
        this.hash = 31 * Arrays.hashCode(atoms) + Arrays.hashCode(powers);
    }

    static Monomial of(Atom atom) {
        return new Monomial(new Atom[] {atom}, new int[] {1});
    }

    boolean isOne() {
        return atoms.length == 0;
    }

    int atomCount() {
        return atoms.length;
    }

    Atom atom(int i) {
        return atoms[i];
    }

    int power(int i) {
        return powers[i];
    }

    /** This as one atom, or null if it is not one to the first power. */
    Atom single() {
        return atoms.length == 1 && powers[0] == 1 ? atoms[0] : null;
    }

    long size() {
        long sum = 0;
        for (Atom atom : atoms) {
            sum += atom.size();
        }
        return sum;
    }

    int depth() {
        int depth = 0;
        for (Atom atom : atoms) {
            depth = Math.max(depth, atom.depth());
        }
        return depth;
    }

    Monomial times(Monomial other) {
        if (isOne()) {
            return other;
        }
        if (other.isOne()) {
            return this;
        }
        if (degree + other.degree > MAX_DEGREE) {
            throw new ResourceLimitException(
                    "dimension expression",
                    "has a product of " + (degree + other.degree) + " factors",
                    "at most " + MAX_DEGREE,
                    "name the product with a symbol of its own");
        }
        Atom[] outAtoms = new Atom[atoms.length + other.atoms.length];
        int[] outPowers = new int[outAtoms.length];
        int n = 0;
        int i = 0;
        int j = 0;
        while (i < atoms.length || j < other.atoms.length) {
            int order = i == atoms.length ? 1 : j == other.atoms.length ? -1 : atoms[i].compareTo(other.atoms[j]);
            outAtoms[n] = order <= 0 ? atoms[i] : other.atoms[j];
            outPowers[n++] = (order <= 0 ? powers[i++] : 0) + (order >= 0 ? other.powers[j++] : 0);
        }
        return new Monomial(Arrays.copyOf(outAtoms, n), Arrays.copyOf(outPowers, n));
    }

    /** The quotient, or null if the divisor does not divide this. */
    Monomial dividedBy(Monomial divisor) {
        if (divisor.isOne()) {
            return this;
        }
        Atom[] outAtoms = new Atom[atoms.length];
        int[] outPowers = new int[atoms.length];
        int n = 0;
        int j = 0;
        for (int i = 0; i < atoms.length; i++) {
            int power = powers[i];
            if (j < divisor.atoms.length && atoms[i].equals(divisor.atoms[j])) {
                power -= divisor.powers[j++];
            }
            if (power < 0) {
                return null;
            }
            if (power > 0) {
                outAtoms[n] = atoms[i];
                outPowers[n++] = power;
            }
        }
        return j < divisor.atoms.length ? null : new Monomial(Arrays.copyOf(outAtoms, n), Arrays.copyOf(outPowers, n));
    }

    /** The greatest common divisor. */
    Monomial common(Monomial other) {
        Atom[] outAtoms = new Atom[Math.min(atoms.length, other.atoms.length)];
        int[] outPowers = new int[outAtoms.length];
        int n = 0;
        for (int i = 0, j = 0; i < atoms.length && j < other.atoms.length; ) {
            int order = atoms[i].compareTo(other.atoms[j]);
            if (order == 0) {
                outAtoms[n] = atoms[i];
                outPowers[n++] = Math.min(powers[i], other.powers[j]);
            }
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        return n == 0 ? ONE : new Monomial(Arrays.copyOf(outAtoms, n), Arrays.copyOf(outPowers, n));
    }

    @Override
    public int compareTo(Monomial other) {
        if (degree != other.degree) {
            return Integer.compare(degree, other.degree);
        }
        int shared = Math.min(atoms.length, other.atoms.length);
        for (int i = 0; i < shared; i++) {
            int order = atoms[i].compareTo(other.atoms[i]);
            if (order != 0) {
                return -order;
            }
            if (powers[i] != other.powers[i]) {
                return Integer.compare(powers[i], other.powers[i]);
            }
        }
        return Integer.compare(atoms.length, other.atoms.length);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Monomial that
                        && hash == that.hash
                        && Arrays.equals(powers, that.powers)
                        && Arrays.equals(atoms, that.atoms));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    void appendTo(StringBuilder out) {
        for (int i = 0; i < atoms.length; i++) {
            out.append(i == 0 ? "" : "*").append(atoms[i]);
            if (powers[i] > 1) {
                out.append('^').append(powers[i]);
            }
        }
    }
}
