package dev.tenon.formats.onnx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the operators of one domain are read: one row for each operator and range of versions. A row says that an operator
 * is canonical in these versions, or which lowering makes it canonical. The rows of an operator are in the order of the
 * versions and do not overlap.
 *
 * <p>Older versions that differ in nothing but the types they allow need no row of their own: the newest version allows
 * more.
 */
final class OperatorTable {
    /**
     * A range of versions of an operator.
     *
     * @param operator the operator's name
     * @param first the first version
     * @param last the last version
     * @param lowering makes a node of these versions canonical
     */
    record Row(String operator, int first, int last, Lowering lowering) {}

    private final int newest;
    private final Map<String, List<Row>> rows = new LinkedHashMap<>();

    /**
     * An empty table.
     *
     * @param newest the newest version of the domain
     */
    OperatorTable(int newest) {
        this.newest = newest;
    }

    /** Operators that are canonical in all versions since the first one. */
    void same(int first, String... operators) {
        for (String operator : operators) {
            lowered(first, operator, NodeLowering::unchanged);
        }
    }

    /** An operator that is canonical since one version, and is lowered in the versions from the first one up to that. */
    void older(int first, int canonical, String operator, Lowering lowering) {
        lowered(first, canonical - 1, operator, lowering);
        same(canonical, operator);
    }

    /** Several operators with the same history, as {@link #older(int, int, String, Lowering)}. */
    void older(int first, int canonical, List<String> operators, Lowering lowering) {
        for (String operator : operators) {
            older(first, canonical, operator, lowering);
        }
    }

    /** An operator that is lowered in all versions since the first one. */
    void lowered(int first, String operator, Lowering lowering) {
        lowered(first, newest, operator, lowering);
    }

    /** An operator that is lowered in a range of versions. */
    void lowered(int first, int last, String operator, Lowering lowering) {
        rows.computeIfAbsent(operator, name -> new ArrayList<>()).add(new Row(operator, first, last, lowering));
    }

    /** The rows of an operator, empty if it has none. */
    List<Row> rows(String operator) {
        return rows.getOrDefault(operator, List.of());
    }

    /** All rows. */
    List<Row> rows() {
        return rows.values().stream().flatMap(List::stream).toList();
    }

    /** The version since which an operator has its canonical form, or 0 if the table does not have the operator. */
    int canonicalSince(String operator) {
        int since = 0;
        for (Row row : rows(operator)) {
            since = row.last() == newest ? row.first() : since;
        }
        return since;
    }
}
