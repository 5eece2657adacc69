package dev.tenon.spark;

import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.error.TenonException;
import dev.tenon.serving.bulk.Bulk;
import dev.tenon.serving.bulk.BulkResult;
import dev.tenon.table.TableInput;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkFiles;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Scores rows on an executor. A row of results has a cell for each output, and one for the reason why the row can't be
 * scored. It is sent to executors without the model, which is a file there.
 */
final class RowScoring implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int ROWS = 64;

    /** The file on the driver, which was given to all executors. */
    private final String model;
    /** The columns of each input that is a matrix, by its name; empty if the file of the model names them. */
    private final HashMap<String, ArrayList<String>> features = new HashMap<>();
    /** The outputs that are cells. */
    private final ArrayList<OutputCell> outputs;

    RowScoring(String model, Map<String, List<String>> features, List<OutputCell> outputs) {
        this.model = model;
        features.forEach((input, names) -> this.features.put(input, new ArrayList<>(names)));
        this.outputs = new ArrayList<>(outputs);
    }

    private Session session() {
        Path driver = Path.of(model);
        Path given = Path.of(SparkFiles.get(driver.getFileName().toString()));
        // Spark computes a small table on the driver, which has not got the file from itself.
        return ExecutorSessions.of(Files.exists(given) ? given : driver);
    }

    private TableInput table(Session session) {
        return TableInput.of(session.model(), Map.copyOf(features));
    }

    /** Appends results to the rows of a partition, which are read as results are asked for: memory does not grow with it. */
    Iterator<Row> partition(List<String> columns, Iterator<Row> partition) {
        if (!partition.hasNext()) {
            return partition;
        }
        Session session = session();
        TableInput table = table(session);
        Iterator<BulkResult<Row>> results =
                Bulk.of(session).rows(ROWS).results(partition, row -> table.read(new SparkRow(columns, row)));
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return results.hasNext();
            }

            @Override
            public Row next() {
                BulkResult<Row> result = results.next();
                return result.isFailed()
                        ? failed(result.item(), result.failure())
                        : scored(result.item(), result.outputs());
            }
        };
    }

    /** The results of one row that names its columns. */
    Row row(Row row) {
        try {
            Session session = session();
            SparkRow cells = new SparkRow(List.of(row.schema().fieldNames()), row);
            return scored(RowFactory.create(), session.predict(table(session).read(cells)));
        } catch (TenonException e) {
            return failed(RowFactory.create(), e);
        }
    }

    private Row scored(Row row, Outputs found) {
        Object[] cells = cells(row);
        for (int i = 0; i < outputs.size(); i++) {
            cells[row.size() + i] = outputs.get(i).value(found);
        }
        return RowFactory.create(cells);
    }

    private Row failed(Row row, Throwable failure) {
        Object[] cells = cells(row);
        cells[cells.length - 1] = String.valueOf(failure.getMessage());
        return RowFactory.create(cells);
    }

    /** The cells of a row, and empty ones for its results. */
    private Object[] cells(Row row) {
        Object[] cells = new Object[row.size() + outputs.size() + 1];
        for (int i = 0; i < row.size(); i++) {
            cells[i] = row.get(i);
        }
        return cells;
    }
}
