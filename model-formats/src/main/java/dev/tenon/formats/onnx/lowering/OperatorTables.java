package dev.tenon.formats.onnx.lowering;

import dev.tenon.formats.onnx.lowering.OperatorTable.Row;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The operator tables of all domains. A table is made when a model first has an operator of its domain. Safe for any
 * number of threads.
 *
 * <p>The tables tell how operators of the standard and of ONNX Runtime are read. An operator without a row is taken as
 * it is if the caller's operators have it. So is an operator that a caller put in the place of the standard's own.
 */
public final class OperatorTables {
    /**
     * A domain of operators.
     *
     * @param name its name in model files
     * @param newest its newest version
     * @param rows adds the rows of its operators to a table
     */
    public record Domain(String name, int newest, Consumer<OperatorTable> rows) {}

    /** The operators that the rows are made for. */
    private static final OpSet STANDARD = StandardOperators.set();

    private static final OperatorTable UNKNOWN = new OperatorTable(0);

    private final Map<String, Domain> domains = new LinkedHashMap<>();
    private final Map<String, OperatorTable> tables = new ConcurrentHashMap<>();

    /**
     * The tables of some domains.
     *
     * @param domains the domains
     */
    public OperatorTables(Domain... domains) {
        for (Domain domain : domains) {
            this.domains.put(domain.name(), domain);
        }
    }

    /** {@return the domains} */
    public List<Domain> domains() {
        return List.copyOf(domains.values());
    }

    /**
     * The table of a domain.
     *
     * @param name the name of the domain
     * @return its table, empty if the domain is not known
     */
    public OperatorTable table(String name) {
        Domain domain = domains.get(name);
        return domain == null ? UNKNOWN : tables.computeIfAbsent(name, key -> make(domain));
    }

    private static OperatorTable make(Domain domain) {
        OperatorTable table = new OperatorTable(domain.newest());
        domain.rows().accept(table);
        return table;
    }

    /** {@return the newest version of the main domain} */
    int newest() {
        return domains.get("").newest();
    }

    /**
     * How a node is lowered.
     *
     * @param domain the operator's domain
     * @param operator the operator's name
     * @param version the version of the domain that the model imports
     * @param operators the operators that the caller allows
     * @return the lowering, or null if the operator can't be read in this version
     */
    public Lowering find(String domain, String operator, long version, OpSet operators) {
        List<Row> rows = table(domain).rows(operator);
        if (rows.isEmpty() || isReplaced(domain, operator, operators)) {
            OpDefinition<?> entry = operators.find(domain, operator).orElse(null);
            if (entry != null && version >= entry.since()) {
                return NodeLowering::unchanged;
            }
        }
        for (Row row : rows) {
            if (version >= row.first() && version <= row.last()) {
                return row.lowering();
            }
        }
        return null;
    }

    /**
     * Whether the caller's operators have another entry than the one that the rows are made for. The standard operators
     * themselves are not searched for this: a search for a name that they lack would load all of them.
     */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isReplaced(String domain, String operator, OpSet operators) {
        return operators != STANDARD
                && operators.find(domain, operator).orElse(null)
                        != STANDARD.find(domain, operator).orElse(null);
    }

    /**
     * The versions in which an operator can be read.
     *
     * @param domain the operator's domain
     * @param operator the operator's name
     * @param operators the operators that the caller allows
     * @return the versions for an error message, or null if there are none
     */
    public String versions(String domain, String operator, OpSet operators) {
        List<Row> rows = table(domain).rows(operator);
        OpDefinition<?> entry = operators.find(domain, operator).orElse(null);
        if (rows.isEmpty()) {
            return entry == null ? null : "versions " + entry.since() + " and above";
        }
        return "versions " + rows.getFirst().first() + " to " + rows.getLast().last();
    }

    /** The operator of a domain whose name is nearest to one that the domain does not have, if one is near. */
    Optional<String> nearest(String domain, String operator, OpSet operators) {
        List<String> names = new ArrayList<>();
        table(domain).rows().forEach(row -> names.add(row.operator()));
        for (OpDefinition<?> definition : operators.definitions()) {
            if (definition.schema().domain().equals(domain)) {
                names.add(definition.schema().name());
            }
        }
        return Spelling.nearest(operator, names);
    }
}
