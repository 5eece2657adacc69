package dev.tenon.formats.onnx.lowering;

import dev.tenon.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the operators of one domain are read: one row for each operator and range of versions. A row says that an
 * operator is canonical in these versions, or which lowering makes it canonical. The rows of an operator are in the
 * order of the versions and do not overlap.
 *
 * <p>Older versions that differ in nothing but the types they allow need no row of their own: the newest version allows
 * more.
 */
public final class OperatorTable {
    /**
     * A range of versions of an operator.
     *
     * @param operator the operator's name
     * @param first the first version
     * @param last the last version
     * @param lowering makes a node of these versions canonical
     */
    public record Row(String operator, int first, int last, Lowering lowering) {}

    /** Gives the lowerings of operators whose rows do not have one. */
    @FunctionalInterface
    public interface Lowerings {
        /**
         * The lowering of a row.
         *
         * @param operator the operator's name
         * @param first the first version of the row
         * @return how nodes of these versions are made canonical
         */
        Lowering find(String operator, int first);
    }

    /** Finds its lowering when a model has such a node, so that a program loads those that its models need. */
    private record Later(Lowerings lowerings, String operator, int first) implements Lowering {
        @Override
        public List<Value> lower(NodeLowering node) {
            return lowerings.find(operator, first).lower(node);
        }
    }

    private final int newest;
    private Lowerings lowerings;
    private final Map<String, List<Row>> rows = new LinkedHashMap<>();

    OperatorTable(int newest) {
        this.newest = newest;
    }

    /**
     * Sets what gives the lowerings of the rows that are added without one.
     *
     * @param lowerings gives them; it is asked when a model has such a node
     */
    public void setLowerings(Lowerings lowerings) {
        this.lowerings = lowerings;
    }

    /**
     * Adds operators that are canonical in all versions.
     *
     * @param first their first version
     * @param operators their names
     */
    public void same(int first, String... operators) {
        for (String operator : operators) {
            lowered(first, operator, NodeLowering::unchanged);
        }
    }

    /**
     * Adds an operator that is canonical in newer versions and is lowered in older ones.
     *
     * @param first its first version
     * @param canonical the first version in which it is canonical
     * @param operator its name
     * @param lowering makes older versions canonical
     */
    public void older(int first, int canonical, String operator, Lowering lowering) {
        lowered(first, canonical - 1, operator, lowering);
        same(canonical, operator);
    }

    /**
     * Adds operators that are canonical in newer versions. Older ones have the lowerings of {@link #setLowerings}.
     *
     * @param first their first version
     * @param canonical the first version in which they are canonical
     * @param operators their names
     */
    public void older(int first, int canonical, String... operators) {
        for (String operator : operators) {
            older(first, canonical, operator, new Later(lowerings, operator, first));
        }
    }

    /**
     * Adds an operator that the lowering of {@link #setLowerings} makes canonical in all versions.
     *
     * @param first its first version
     * @param operator its name
     */
    public void lowered(int first, String operator) {
        lowered(first, newest, operator);
    }

    /**
     * Adds an operator that the lowering of {@link #setLowerings} makes canonical in a range of versions.
     *
     * @param first the first version
     * @param last the last version
     * @param operator its name
     */
    public void lowered(int first, int last, String operator) {
        lowered(first, last, operator, new Later(lowerings, operator, first));
    }

    /**
     * Adds an operator that is lowered in all versions.
     *
     * @param first its first version
     * @param operator its name
     * @param lowering makes it canonical
     */
    public void lowered(int first, String operator, Lowering lowering) {
        lowered(first, newest, operator, lowering);
    }

    /**
     * Adds an operator that is lowered in a range of versions.
     *
     * @param first the first version
     * @param last the last version
     * @param operator its name
     * @param lowering makes these versions canonical
     */
    public void lowered(int first, int last, String operator, Lowering lowering) {
        rows.computeIfAbsent(operator, name -> new ArrayList<>()).add(new Row(operator, first, last, lowering));
    }

    /**
     * The rows of an operator.
     *
     * @param operator its name
     * @return its rows, empty if it has none
     */
    public List<Row> rows(String operator) {
        return rows.getOrDefault(operator, List.of());
    }

    /**
     * Checks that every row has a lowering.
     *
     * @throws IllegalArgumentException if {@link #setLowerings} has none for a row
     */
    public void check() {
        for (Row row : rows()) {
            if (row.lowering() instanceof Later later) {
                later.lowerings.find(later.operator, later.first);
            }
        }
    }

    /** {@return all rows} */
    public List<Row> rows() {
        return rows.values().stream().flatMap(List::stream).toList();
    }

    /**
     * The version since which an operator has its canonical form.
     *
     * @param operator its name
     * @return the version, or 0 if the table does not have the operator
     */
    public int canonicalSince(String operator) {
        int since = 0;
        for (Row row : rows(operator)) {
            since = row.last() == newest ? row.first() : since;
        }
        return since;
    }
}
