package dev.tenon.table;

import dev.tenon.error.InvalidInputException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/** Rows that are records. A component of a primitive type is read without an object. */
final class RecordRows<R extends Record> implements TableRows {
    private static final MethodType WHOLE = MethodType.methodType(long.class, Object.class);
    private static final MethodType NUMBER = MethodType.methodType(double.class, Object.class);
    private static final MethodType TRUTH = MethodType.methodType(boolean.class, Object.class);
    private static final MethodType ANY = MethodType.methodType(Object.class, Object.class);

    private final Iterator<? extends R> rows;
    private final List<String> columns;

    /** The kind of each column; null if a cell is an object, which may be null. */
    private final CellKind[] kinds;

    private final MethodHandle[] accessors;
    private Object row;
    private long number = -1;

    RecordRows(Class<R> type, MethodHandles.Lookup lookup, Iterator<? extends R> rows) {
        this.rows = rows;
        RecordComponent[] components = type.getRecordComponents();
        columns = Arrays.stream(components).map(RecordComponent::getName).toList();
        kinds = new CellKind[components.length];
        accessors = new MethodHandle[components.length];
        for (int i = 0; i < components.length; i++) {
            Class<?> of = components[i].getType();
            kinds[i] = kind(of);
            if (kinds[i] == null && !isCell(of)) {
                throw new InvalidInputException(
                        "component '" + columns.get(i) + "' of " + type.getName(),
                        of.getName(),
                        "a primitive or boxed number or boolean, CharSequence, Character or an enum",
                        null);
            }
            accessors[i] = accessor(type, components[i], lookup)
                    .asType(
                            switch (kinds[i]) {
                                case WHOLE -> WHOLE;
                                case NUMBER -> NUMBER;
                                case TRUTH -> TRUTH;
                                case null, default -> ANY;
                            });
        }
    }

    private static MethodHandle accessor(Class<?> type, RecordComponent component, MethodHandles.Lookup lookup) {
        try {
            return lookup.unreflect(component.getAccessor());
        } catch (IllegalAccessException e) {
            throw new InvalidInputException(
                    "record " + type.getName(),
                    "not accessible: " + e.getMessage(),
                    "a public record in an exported package",
                    "make it public, or pass MethodHandles.lookup()");
        }
    }

    private static CellKind kind(Class<?> type) {
        if (type == long.class || type == int.class || type == short.class || type == byte.class) {
            return CellKind.WHOLE;
        }
        if (type == double.class || type == float.class) {
            return CellKind.NUMBER;
        }
        return type == boolean.class ? CellKind.TRUTH : null;
    }

    private static boolean isCell(Class<?> type) {
        return Number.class.isAssignableFrom(type)
                || CharSequence.class.isAssignableFrom(type)
                || type.isEnum()
                || type == Boolean.class
                || type == Character.class
                || type == char.class;
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public boolean next() {
        if (!rows.hasNext()) {
            return false;
        }
        row = rows.next();
        number++;
        if (row == null) {
            throw Cells.nullRow(number, "a record");
        }
        return true;
    }

    @Override
    public CellKind kind(int column) {
        return kinds[column] != null ? kinds[column] : Cells.kind(cell(column));
    }

    private Object cell(int column) {
        try {
            return (Object) accessors[column].invokeExact(row);
        } catch (Throwable e) {
            throw failed(column, e);
        }
    }

    @Override
    public long whole(int column) {
        try {
            return kinds[column] == null
                    ? ((Number) cell(column)).longValue()
                    : (long) accessors[column].invokeExact(row);
        } catch (Throwable e) {
            throw failed(column, e);
        }
    }

    @Override
    public double number(int column) {
        try {
            return kinds[column] == null
                    ? ((Number) cell(column)).doubleValue()
                    : (double) accessors[column].invokeExact(row);
        } catch (Throwable e) {
            throw failed(column, e);
        }
    }

    @Override
    public boolean truth(int column) {
        try {
            return kinds[column] == null ? (Boolean) cell(column) : (boolean) accessors[column].invokeExact(row);
        } catch (Throwable e) {
            throw failed(column, e);
        }
    }

    @Override
    public String text(int column) {
        return Cells.text(cell(column));
    }

    /** An accessor can be written by hand, and then it may throw. */
    private RuntimeException failed(int column, Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException own
                ? own
                : new IllegalStateException("component '" + columns.get(column) + "' of a record", e);
    }
}
