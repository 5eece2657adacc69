package dev.tenon.table;

import dev.tenon.Model;
import dev.tenon.ValueInfo;
import dev.tenon.budget.JvmLimits;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.table.Column;
import dev.tenon.formats.table.Columns;
import dev.tenon.options.Settings;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Which columns of tables make the inputs of a model. Immutable and safe for any number of threads.
 *
 * <p>An input of [N], [N,1] or [1] takes the column of its name. An input of [N,F] takes the columns that the model's file
 * names: models of XGBoost, LightGBM and CatBoost do, and keep the names if they are saved as ONNX. For others
 * {@link #of(Model, Map)} names them. Element types are float32, float64, float16, bfloat16, integers, bool and string.
 *
 * <pre>{@code
 * TableInput table = TableInput.of(model);
 * Outputs out = model.predict(table.read(TableRows.ofRecords(Customer.class, customers)));
 * }</pre>
 *
 * <p>A missing cell becomes NaN in floats. In other types it needs a default, see {@link #orElse}. A whole number or a number
 * is converted to the nearest value of a float type; integers take only whole numbers in their range. True is 1. A text is read as
 * a number where a number is wanted, and an empty text is missing there. A column of categories takes the text of a category
 * where the file has the texts, and else the number of a category.
 */
public final class TableInput {
    static final String TABLE = "rows of a table";
    static final String MORE_MEMORY = "read fewer rows at a time by TableInput.batches, or raise -Xmx";

    /** The ways to treat a category that the model does not know. */
    public enum UnknownCategory {
        /** It is an error. */
        REFUSED,
        /** It counts as missing. */
        MISSING
    }

    /** A column of an input. */
    record Slot(String column, int input, int offset, int stride, DType type, Categories categories) {}

    /** An input of the model. */
    record Target(String name, DType type, int width, int rank) {}

    private static final class Values extends Settings<Values> {
        private Map<String, String> renamed = Map.of();
        private Map<String, Object> defaults = Map.of();
        private UnknownCategory unknown = UnknownCategory.REFUSED;
    }

    private final List<Target> targets;
    private final List<Slot> slots;
    private final Values settings;

    private TableInput(List<Target> targets, List<Slot> slots, Values settings) {
        this.targets = targets;
        this.slots = slots;
        this.settings = settings;
    }

    private TableInput with(Consumer<Values> change) {
        return new TableInput(targets, slots, settings.with(change));
    }

    private static TableInput of(List<ValueInfo> inputs, Map<String, List<Column>> named) {
        TableInput filled = new TableInput(new ArrayList<>(), new ArrayList<>(), new Values());
        inputs.forEach(input -> filled.add(input, named.get(input.name())));
        return new TableInput(List.copyOf(filled.targets), List.copyOf(filled.slots), filled.settings);
    }

    /**
     * The columns of a model.
     *
     * @param model the model
     * @return the columns that its inputs and its file name
     * @throws InvalidOptionException if an input is no column and no matrix of floats or of another type that tables can fill
     */
    public static TableInput of(Model model) {
        return of(model.inputs(), named(model));
    }

    /**
     * The columns of a model whose file does not name them, or names them otherwise.
     *
     * @param model the model
     * @param names the names of the columns of its inputs that are matrices, by the names of the inputs
     * @return the columns
     * @throws InvalidOptionException if an input is not there, has another number of columns, or can't be filled by tables
     */
    public static TableInput of(Model model, Map<String, List<String>> names) {
        Map<String, List<Column>> named = new LinkedHashMap<>(named(model));
        names.forEach((input, given) -> {
            if (model.inputs().stream().noneMatch(i -> i.name().equals(input))) {
                throw new InvalidOptionException(
                        "TableInput.of", "input '" + input + "'", "inputs of the model: " + model.inputs(), null);
            }
            if (given == null || new ArrayList<>(given).contains(null)) {
                throw new InvalidOptionException(
                        "TableInput.of", given + " for input '" + input + "'", "the names of its columns", null);
            }
            List<Column> before = named.getOrDefault(input, List.of());
            List<Column> after = new ArrayList<>();
            for (int i = 0; i < given.size(); i++) {
                Column known = before.size() == given.size() ? before.get(i) : Column.numeric("");
                after.add(known.named(given.get(i)));
            }
            named.put(input, after);
        });
        return of(model.inputs(), named);
    }

    private static Map<String, List<Column>> named(Model model) {
        Optional<Columns> columns = Columns.of(model.metadata());
        return columns.isPresent() && model.inputs().size() == 1
                ? Map.of(model.inputs().getFirst().name(), columns.get().columns())
                : Map.of();
    }

    /**
     * Takes a column of the model from a column of the table with another name.
     *
     * @param modelColumn the name in the model
     * @param tableColumn the name in the table
     * @return the changed copy
     * @throws InvalidOptionException if the model has no such column
     */
    public TableInput from(String modelColumn, String tableColumn) {
        check("TableInput.from", modelColumn);
        Map<String, String> changed = new LinkedHashMap<>(settings.renamed);
        changed.put(modelColumn, Objects.requireNonNull(tableColumn, "tableColumn"));
        return with(s -> s.renamed = changed);
    }

    /**
     * Gives a column a default for missing cells. It also stands for the column in tables that lack it.
     *
     * @param modelColumn the name in the model
     * @param number the default
     * @return the changed copy
     * @throws InvalidOptionException if the model has no such column
     */
    public TableInput orElse(String modelColumn, double number) {
        return withDefault(modelColumn, number);
    }

    /**
     * Gives a column a default for missing cells. It also stands for the column in tables that lack it.
     *
     * @param modelColumn the name in the model
     * @param text the default
     * @return the changed copy
     * @throws InvalidOptionException if the model has no such column
     */
    public TableInput orElse(String modelColumn, String text) {
        return withDefault(modelColumn, Objects.requireNonNull(text, "text"));
    }

    private TableInput withDefault(String modelColumn, Object value) {
        check("TableInput.orElse", modelColumn);
        Map<String, Object> changed = new LinkedHashMap<>(settings.defaults);
        changed.put(modelColumn, value);
        return with(s -> s.defaults = changed);
    }

    /**
     * How to treat categories that the model does not know. The standard is to refuse them.
     *
     * @param way the way
     * @return the changed copy
     */
    public TableInput unknownCategories(UnknownCategory way) {
        Objects.requireNonNull(way, "way");
        return with(s -> s.unknown = way);
    }

    private void check(String option, String column) {
        if (slots.stream().noneMatch(s -> s.column().equals(column))) {
            throw new InvalidOptionException(
                    option, "column '" + column + "'", "columns of the model: " + columns(), null);
        }
    }

    private void add(ValueInfo input, List<Column> named) {
        if (!(input.type() instanceof TensorType type) || !type.shape().hasRank() || !TableBatch.takes(type.dtype())) {
            throw unfit(input);
        }
        int rank = type.shape().rank();
        Dim last = rank == 2 ? type.shape().dim(1) : Dim.of(1);
        if (rank < 1 || rank > 2) {
            throw unfit(input);
        }
        List<Column> columns = named;
        if (columns == null && last.isKnown() && last.value() == 1) {
            columns = List.of(Column.numeric(input.name()));
        }
        if (columns == null) {
            throw new InvalidOptionException(
                    "input '" + input.name() + "'",
                    "a matrix " + type + " whose columns have no names",
                    "named columns",
                    "start from TableInput.of(model, Map.of(\"" + input.name() + "\", names))");
        }
        if (last.isKnown() && last.value() != columns.size()) {
            throw new InvalidOptionException(
                    "input '" + input.name() + "'",
                    columns.size() + " names",
                    last.value() + ", one for each column",
                    null);
        }
        Set<String> seen = new HashSet<>();
        targets.add(new Target(input.name(), type.dtype(), columns.size(), rank));
        for (int i = 0; i < columns.size(); i++) {
            Column c = columns.get(i);
            String name = c.name().isEmpty() ? "f" + i : c.name();
            if (!seen.add(name)) {
                throw new InvalidOptionException(
                        "input '" + input.name() + "'", "two columns '" + name + "'", "each name once", null);
            }
            Categories categories = Categories.of(c);
            slots.add(new Slot(name, targets.size() - 1, i, columns.size(), type.dtype(), categories));
        }
    }

    private static InvalidOptionException unfit(ValueInfo input) {
        return new InvalidOptionException(
                "input '" + input.name() + "'",
                input.type() + "",
                "a tensor of rank 1 or 2, of numbers, bool or string",
                "give this input by name, and fill the others by hand");
    }

    /**
     * The names of the columns that the model takes, in the order of its inputs. Columns without a name in the file are called
     * f0, f1 and so on.
     *
     * @return the names
     */
    public List<String> columns() {
        return slots.stream().map(Slot::column).toList();
    }

    /**
     * Reads all rows of a cursor.
     *
     * @param rows the cursor
     * @return a tensor for each input of the model
     * @throws InvalidInputException if a column is not there, or a cell does not fit; it names column and row
     * @throws dev.tenon.error.ResourceLimitException if there is not enough memory for all rows: a cursor without end
     *     needs {@link #batches}
     */
    public Map<String, Tensor> read(TableRows rows) {
        Objects.requireNonNull(rows, "rows");
        return JvmLimits.typed(TABLE, MORE_MEMORY, () -> {
            TableBatch batch = new TableBatch(this, rows, Integer.MAX_VALUE);
            batch.fillAll();
            return batch.inputs();
        });
    }

    /**
     * A buffer for rows of a cursor, which is used again for each batch. It takes memory as rows come, not for the most rows at
     * once.
     *
     * @param rows the cursor
     * @param capacity the most rows of a batch, above 0
     * @return a new buffer
     * @throws InvalidInputException if a column is not there
     * @throws dev.tenon.error.ResourceLimitException if memory does not hold as many rows
     */
    public TableBatch batches(TableRows rows, int capacity) {
        if (capacity < 1) {
            throw new InvalidOptionException("TableInput.batches", "a capacity of " + capacity, "1 or more", null);
        }
        Objects.requireNonNull(rows, "rows");
        return JvmLimits.typed(TABLE, MORE_MEMORY, () -> new TableBatch(this, rows, capacity));
    }

    List<Target> targets() {
        return targets;
    }

    List<Slot> slots() {
        return slots;
    }

    UnknownCategory unknown() {
        return settings.unknown;
    }

    /** The default of a column: a Double, a String or null. */
    Object defaultOf(Slot slot) {
        return settings.defaults.get(slot.column());
    }

    String tableColumn(Slot slot) {
        return settings.renamed.getOrDefault(slot.column(), slot.column());
    }
}
