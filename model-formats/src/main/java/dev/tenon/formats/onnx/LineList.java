package dev.tenon.formats.onnx;

import dev.tenon.formats.onnx.OnnxTable.Lowering;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes the lines of the {@link OnnxTable}, of one operator or of all. The lines of an operator stand behind the question
 * whether they are asked for, so that those lowerings alone are linked that a model needs.
 */
final class LineList {
    /** A range of versions of an operator, and how they become canonical. */
    record Line(String domain, String name, int first, int last, Lowering lowering) {}

    private final String domain;
    private final String name;
    private final List<Line> lines = new ArrayList<>();
    private String current = "";
    private int newest;
    private List<String> asked = List.of();

    private LineList(String domain, String name) {
        this.domain = domain;
        this.name = name;
    }

    /** Asks for the lines of all operators. */
    static LineList ofAll() {
        return new LineList(null, null);
    }

    /** Asks for the lines of one operator. */
    static LineList of(String domain, String name) {
        return new LineList(domain, name);
    }

    /** Whether operators of a domain are asked for; the lines that follow are of it, up to its newest version. */
    boolean in(String its, int itsNewest) {
        current = its;
        newest = itsNewest;
        return name == null || its.equals(domain);
    }

    /** Whether one of some operators is asked for; the ranges that follow are theirs. */
    boolean asks(String... names) {
        if (name == null) {
            asked = List.of(names);
            return true;
        }
        for (String each : names) {
            if (each.equals(name) && current.equals(domain)) {
                asked = List.of(name);
                return true;
            }
        }
        return false;
    }

    /** A range of versions of the operators that were asked for last. */
    void line(int first, int last, Lowering lowering) {
        for (String each : asked) {
            lines.add(new Line(current, each, first, last, lowering));
        }
    }

    /** All versions from one on. */
    void line(int first, Lowering lowering) {
        line(first, newest, lowering);
    }

    /** Versions that have been canonical since one, and had another form from the first one on. */
    void older(int first, int canonical, Lowering lowering) {
        line(first, canonical - 1, lowering);
        line(canonical, newest, NodeLowering::unchanged);
    }

    /** Operators that were canonical from their first version on. */
    void same(int first, String... names) {
        if (asks(names)) {
            line(first, NodeLowering::unchanged);
        }
    }

    /** The lines, those of one operator in the order of versions. */
    List<Line> lines() {
        return lines;
    }
}
