package dev.tenon.tensor;

import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * A factor of a dimension's polynomial: a symbol, or an operation that is no polynomial. Two atoms are equal if their
 * texts are. Names that could be read as other expressions are quoted, so different atoms have different texts.
 */
final class Atom implements Comparable<Atom> {
    enum Kind {
        SYMBOL(null),
        FLOOR("floor"),
        MAX("max"),
        MIN("min"),
        BROADCAST("broadcast");

        final String word;

        Kind(String word) {
            this.word = word;
        }

        Dim join(Dim a, Dim b) {
            return switch (this) {
                case FLOOR -> a.floorDiv(b);
                case MAX -> a.max(b);
                case MIN -> a.min(b);
                case BROADCAST -> a.broadcast(b);
                case SYMBOL -> throw new IllegalStateException("a symbol has no operands");
            };
        }

        static Kind ofWord(String name) {
            for (Kind kind : values()) {
                if (name.equals(kind.word)) {
                    return kind;
                }
            }
            return null;
        }
    }

    private final Kind kind;
    private final String name;
    private final List<Dim> operands;
    private final String text;
    private final long size;
    private final int depth;

    private Atom(Kind kind, String name, List<Dim> operands, String text) {
        this.kind = kind;
        this.name = name;
        this.operands = operands;
        this.text = text;
        long sum = 1L + (name == null ? 0 : name.length() / 16);
        int deepest = 0;
        for (Dim operand : operands) {
            sum += operand.size();
            deepest = Math.max(deepest, operand.depth());
        }
        this.size = sum;
        this.depth = 1 + deepest;
    }

    static Atom symbol(String name) {
        return new Atom(Kind.SYMBOL, name, List.of(), isBare(name) ? name : TextReader.quote(name));
    }

    static Atom floor(Dim dividend, Dim divisor) {
        String text = "floor(" + DimText.factor(dividend, true) + "/" + DimText.factor(divisor, false) + ")";
        return new Atom(Kind.FLOOR, null, List.of(dividend, divisor), text);
    }

    /** Max, min or broadcast of two or more operands, which are in canonical order. */
    static Atom join(Kind kind, List<Dim> operands) {
        StringBuilder text = new StringBuilder(kind.word).append('(');
        for (int i = 0; i < operands.size(); i++) {
            text.append(i == 0 ? "" : ",").append(operands.get(i));
        }
        return new Atom(kind, null, List.copyOf(operands), text.append(')').toString());
    }

    private static boolean isBare(String name) {
        if (!TextReader.isNameStart(name.charAt(0)) || Kind.ofWord(name) != null) {
            return false;
        }
        for (int i = 1; i < name.length(); i++) {
            if (!TextReader.isNamePart(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    Kind kind() {
        return kind;
    }

    List<Dim> operands() {
        return operands;
    }

    long size() {
        return size;
    }

    int depth() {
        return depth;
    }

    void collectSymbols(Set<String> out) {
        if (kind == Kind.SYMBOL) {
            out.add(name);
        }
        for (Dim operand : operands) {
            operand.collectSymbols(out);
        }
    }

    /** This with symbols replaced, or null if nothing changes. */
    Dim substitute(Function<String, Dim> bindings) {
        if (kind == Kind.SYMBOL) {
            return bindings.apply(name);
        }
        boolean changed = false;
        Dim result = null;
        for (Dim operand : operands) {
            Dim replaced = operand.substitute(bindings);
            changed |= !replaced.equals(operand);
            result = result == null ? replaced : kind.join(result, replaced);
        }
        return changed ? result : null;
    }

    long evaluate(DimEvaluation evaluation) {
        if (kind == Kind.SYMBOL) {
            return evaluation.valueOf(name);
        }
        long result = evaluation.value(operands.get(0));
        for (int i = 1; i < operands.size() && !evaluation.isIncomplete(); i++) {
            long next = evaluation.value(operands.get(i));
            if (!evaluation.isIncomplete()) {
                result = combine(result, next);
            }
        }
        return result;
    }

    private long combine(long a, long b) {
        return switch (kind) {
            case FLOOR -> {
                if (b == 0) {
                    throw Dim.divisionByZero(text);
                }
                yield Math.floorDivExact(a, b);
            }
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case BROADCAST -> {
                if (a != b && a != 1 && b != 1) {
                    throw DimJoin.conflict(Dim.of(a), Dim.of(b));
                }
                yield a == 1 ? b : a;
            }
            case SYMBOL -> throw new IllegalStateException(text);
        };
    }

    @Override
    public int compareTo(Atom other) {
        if ((kind == Kind.SYMBOL) != (other.kind == Kind.SYMBOL)) {
            return kind == Kind.SYMBOL ? -1 : 1;
        }
        return text.compareTo(other.text);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof Atom that && text.equals(that.text));
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
