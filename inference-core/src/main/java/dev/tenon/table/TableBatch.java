package dev.tenon.table;

import dev.tenon.budget.JvmLimits;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.table.TableInput.Slot;
import dev.tenon.table.TableInput.Target;
import dev.tenon.table.TableInput.UnknownCategory;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A buffer that takes rows of one cursor, batch by batch. Its tensors are used again for the next batch. Confined to one thread.
 *
 * <pre>{@code
 * TableBatch batch = table.batches(rows, 1000);
 * while (batch.next()) {
 *     Outputs out = model.predict(batch.inputs());
 * }
 * }</pre>
 */
public final class TableBatch {
    private static final int FIRST_ROWS = 64;

    /** JVMs refuse arrays that are a few elements longer. */
    private static final int MOST_CELLS = Integer.MAX_VALUE - 8;

    private final TableInput table;
    private final TableRows rows;
    private final List<Target> targets;
    private final Slot[] slots;

    /** The column of the cursor for each slot; -1 for a column that only has a default. */
    private final int[] columns;

    /** The defaults of the slots as numbers, and as texts. */
    private final double[] numbers;

    private final boolean[] hasNumber;
    private final String[] texts;

    private final Object[] buffers;
    /** The most rows of a batch, and those that the buffers have room for. */
    private final int most;

    private int capacity;
    private int count;
    private long first;

    /** A buffer for batches of a number of rows at most. It takes memory as rows come. */
    TableBatch(TableInput table, TableRows rows, int most) {
        this.table = table;
        this.rows = rows;
        this.targets = table.targets();
        this.slots = table.slots().toArray(Slot[]::new);
        this.columns = new int[slots.length];
        this.numbers = new double[slots.length];
        this.hasNumber = new boolean[slots.length];
        this.texts = new String[slots.length];
        this.buffers = new Object[targets.size()];
        for (int s = 0; s < slots.length; s++) {
            bind(s, Objects.requireNonNull(rows.columns(), "rows.columns()"));
        }
        this.most = Math.min(most, mostRows());
        grow(Math.min(this.most, FIRST_ROWS));
    }

    /** The rows that an array of the widest input can have. */
    private int mostRows() {
        int width = 1;
        for (Target target : targets) {
            width = Math.max(width, target.width());
        }
        return MOST_CELLS / width;
    }

    static boolean takes(DType type) {
        return switch (type) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16, INT64, INT32, INT16, INT8, UINT8, BOOL, STRING -> true;
            default -> false;
        };
    }

    private void bind(int s, List<String> known) {
        String name = table.tableColumn(slots[s]);
        columns[s] = known.indexOf(name);
        Object standard = table.defaultOf(slots[s]);
        boolean isText = slots[s].type() == DType.STRING;
        if (standard instanceof Double d && !isText) {
            numbers[s] = d;
            hasNumber[s] = true;
        } else if (standard instanceof String text && isText) {
            texts[s] = text;
        } else if (standard instanceof String text && slots[s].categories() != null) {
            numbers[s] = category(s, text);
            hasNumber[s] = true;
        } else if (standard != null) {
            throw new InvalidInputException(
                    "column '" + slots[s].column() + "'",
                    "the default " + standard,
                    isText ? "a text" : "a number",
                    null);
        }
        if (columns[s] < 0 && standard == null) {
            throw new InvalidInputException(
                    "column '" + name + "'",
                    "a table without it: its columns are " + known,
                    "a table with all columns of the model: " + table.columns(),
                    "rename it by TableInput.from, or give it a default by TableInput.orElse");
        }
    }

    /** Makes room for another row. */
    private void makeRoom() {
        if (count < capacity) {
            return;
        }
        if (capacity == most) {
            throw tooMany(null);
        }
        try {
            grow(capacity > most / 2 ? most : 2 * capacity);
        } catch (OutOfMemoryError e) {
            throw tooMany(e);
        }
    }

    private ResourceLimitException tooMany(OutOfMemoryError e) {
        return new ResourceLimitException(
                "row " + (first + count),
                e == null ? "more rows in one piece than an array holds" : "more memory than there is",
                e == null ? most + " rows" : "a heap of " + Runtime.getRuntime().maxMemory() + " bytes",
                TableInput.MORE_MEMORY,
                e);
    }

    private void grow(int more) {
        for (int t = 0; t < buffers.length; t++) {
            Target target = targets.get(t);
            int cells = more * target.width();
            buffers[t] = switch (target.type()) {
                case FLOAT32 -> buffers[t] == null ? new float[cells] : Arrays.copyOf((float[]) buffers[t], cells);
                case STRING -> buffers[t] == null ? new String[cells] : Arrays.copyOf((String[]) buffers[t], cells);
                case INT64 -> buffers[t] == null ? new long[cells] : Arrays.copyOf((long[]) buffers[t], cells);
                default -> buffers[t] == null ? new double[cells] : Arrays.copyOf((double[]) buffers[t], cells);
            };
        }
        capacity = more;
    }

    /**
     * Reads the next rows.
     *
     * @return false if there are none
     * @throws InvalidInputException if a cell does not fit; it names column and row
     * @throws ResourceLimitException if there is not enough memory for the rows of a batch
     */
    public boolean next() {
        first += count;
        count = 0;
        while (count < most && rows.next()) {
            makeRoom();
            row();
        }
        return count > 0;
    }

    void fillAll() {
        while (rows.next()) {
            makeRoom();
            row();
        }
    }

    /**
     * The number of rows of this batch.
     *
     * @return the number
     */
    public int count() {
        return count;
    }

    /**
     * The number of rows of the batches before.
     *
     * @return the index of the first row of this batch in the table
     */
    public long first() {
        return first;
    }

    private void row() {
        for (int s = 0; s < slots.length; s++) {
            Slot slot = slots[s];
            int at = count * slot.stride() + slot.offset();
            switch (slot.type()) {
                case FLOAT32 -> ((float[]) buffers[slot.input()])[at] = (float) number(s);
                case STRING -> ((String[]) buffers[slot.input()])[at] = text(s);
                case INT64 -> ((long[]) buffers[slot.input()])[at] = whole(s);
                case FLOAT64, FLOAT16, BFLOAT16 -> ((double[]) buffers[slot.input()])[at] = number(s);
                default -> ((double[]) buffers[slot.input()])[at] = inRange(s, whole(s));
            }
        }
        count++;
    }

    private CellKind kind(int s) {
        CellKind kind = columns[s] < 0 ? CellKind.MISSING : rows.kind(columns[s]);
        if (kind == null) {
            throw unfit(s, "null as the kind of a cell", "a CellKind", "return MISSING for a cell without content");
        }
        return kind;
    }

    /** A cell of kind TEXT. */
    private String cellText(int s) {
        String text = rows.text(columns[s]);
        if (text == null) {
            throw unfit(s, "null as a text", "a text", "return MISSING as the kind of a cell without content");
        }
        return text;
    }

    private double number(int s) {
        Categories categories = slots[s].categories();
        return switch (kind(s)) {
            case NUMBER -> {
                double x = rows.number(columns[s]);
                if (Double.isNaN(x)) {
                    yield missing(s);
                }
                yield categories == null ? x : categoryOf(s, categories, x);
            }
            case WHOLE -> {
                long x = rows.whole(columns[s]);
                yield categories == null ? (double) x : category(s, categories.of(x), x);
            }
            case TRUTH -> {
                boolean x = rows.truth(columns[s]);
                yield categories == null ? x ? 1 : 0 : category(s, x ? "True" : "False");
            }
            case TEXT -> {
                String x = cellText(s);
                yield x.isEmpty() && (categories == null || categories.of(x) < 0)
                        ? missing(s)
                        : categories == null ? parsed(s, x) : category(s, x);
            }
            default -> {
                yield missing(s);
            }
        };
    }

    private double missing(int s) {
        return hasNumber[s] ? numbers[s] : Double.NaN;
    }

    private double categoryOf(int s, Categories categories, double x) {
        return category(s, x == Math.rint(x) ? categories.of((long) x) : Categories.NONE, x);
    }

    private double category(int s, String text) {
        int number = slots[s].categories().of(text);
        return number < 0 ? unknown(s, "'" + text + "'") : number;
    }

    private double category(int s, int number, double x) {
        return number < 0 ? unknown(s, x + "") : number;
    }

    private double unknown(int s, String found) {
        if (table.unknown() == UnknownCategory.MISSING) {
            return missing(s);
        }
        throw unfit(
                s,
                found,
                slots[s].categories().toString(),
                "to treat unknown categories as missing: TableInput.unknownCategories(MISSING)");
    }

    private double parsed(int s, String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw unfit(s, "'" + text + "'", "a number", null);
        }
    }

    private long whole(int s) {
        return switch (kind(s)) {
            case WHOLE -> {
                yield rows.whole(columns[s]);
            }
            case TRUTH -> {
                yield rows.truth(columns[s]) ? 1 : 0;
            }
            case TEXT -> {
                String text = cellText(s);
                if (text.isEmpty()) {
                    yield missingWhole(s);
                }
                try {
                    yield Long.parseLong(text);
                } catch (NumberFormatException e) {
                    yield exact(s, parsed(s, text));
                }
            }
            case NUMBER -> {
                double x = rows.number(columns[s]);
                yield Double.isNaN(x) ? missingWhole(s) : exact(s, x);
            }
            default -> {
                yield missingWhole(s);
            }
        };
    }

    private long missingWhole(int s) {
        if (!hasNumber[s]) {
            throw unfit(s, "missing", "a whole number", "give the column a default by TableInput.orElse");
        }
        return exact(s, numbers[s]);
    }

    private long exact(int s, double x) {
        if (x != (long) x || x == 0x1p63) {
            throw unfit(s, x + "", "a whole number", null);
        }
        return (long) x;
    }

    private double inRange(int s, long x) {
        long least;
        long most;
        switch (slots[s].type()) {
            case INT32 -> {
                least = Integer.MIN_VALUE;
                most = Integer.MAX_VALUE;
            }
            case INT16 -> {
                least = Short.MIN_VALUE;
                most = Short.MAX_VALUE;
            }
            case INT8 -> {
                least = Byte.MIN_VALUE;
                most = Byte.MAX_VALUE;
            }
            case UINT8 -> {
                least = 0;
                most = 255;
            }
            default -> {
                least = 0;
                most = 1;
            }
        }
        if (x < least || x > most) {
            throw unfit(
                    s,
                    x + "",
                    least + " to " + most + ", the range of " + slots[s].type().text(),
                    null);
        }
        return x;
    }

    private String text(int s) {
        return switch (kind(s)) {
            case TEXT -> {
                yield cellText(s);
            }
            case WHOLE -> {
                yield Long.toString(rows.whole(columns[s]));
            }
            case TRUTH -> {
                yield Boolean.toString(rows.truth(columns[s]));
            }
            case NUMBER -> {
                double x = rows.number(columns[s]);
                yield Double.isNaN(x) ? missingText(s) : Double.toString(x);
            }
            default -> {
                yield missingText(s);
            }
        };
    }

    private String missingText(int s) {
        if (texts[s] == null) {
            throw unfit(s, "missing", "a text", "give the column a default by TableInput.orElse");
        }
        return texts[s];
    }

    private InvalidInputException unfit(int s, String found, String allowed, String cure) {
        return new InvalidInputException(
                rows.name(first + count) + ", column '" + table.tableColumn(slots[s]) + "'", found, allowed, cure);
    }

    /**
     * The rows of this batch as inputs of the model. Tensors of float32, float64 and int64 share the buffer: they are valid until
     * the next call of {@link #next}.
     *
     * @return a tensor of {@link #count} rows for each input, by name
     */
    public Map<String, Tensor> inputs() {
        return JvmLimits.typed(TableInput.TABLE, TableInput.MORE_MEMORY, this::tensors);
    }

    private Map<String, Tensor> tensors() {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int t = 0; t < buffers.length; t++) {
            Target target = targets.get(t);
            int cells = count * target.width();
            long[] dims = target.rank() == 1 ? new long[] {count} : new long[] {count, target.width()};
            inputs.put(target.name(), tensor(target.type(), buffers[t], cells, dims));
        }
        return inputs;
    }

    private static Tensor tensor(DType type, Object buffer, int cells, long[] dims) {
        return switch (type) {
            case FLOAT32 ->
                Tensor.of(type, MemorySegment.ofArray((float[]) buffer).asSlice(0, (long) cells * Float.BYTES), dims);
            case FLOAT64 ->
                Tensor.of(type, MemorySegment.ofArray((double[]) buffer).asSlice(0, (long) cells * Double.BYTES), dims);
            case INT64 ->
                Tensor.of(type, MemorySegment.ofArray((long[]) buffer).asSlice(0, (long) cells * Long.BYTES), dims);
            case STRING -> Tensor.of(Arrays.copyOf((String[]) buffer, cells), dims);
            default -> Tensor.convert(type, Arrays.copyOf((double[]) buffer, cells), dims);
        };
    }
}
