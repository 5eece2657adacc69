package dev.tenon.spark;

import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.serving.bulk.Bulk;
import dev.tenon.serving.bulk.BulkResult;
import dev.tenon.table.TableInput;
import dev.tenon.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkFiles;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Scores a partition: appends to each row the scores and, if it can't be scored, the reason instead. Rows are read as they are
 * asked for, so memory does not grow with the partition.
 */
final class ScorePartition implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    /** The name of the file that was given to all executors. */
    private final String model;
    /** The columns of the data set. */
    private final ArrayList<String> columns;
    /** The columns of each input that is a matrix, by its name; empty if the file of the model names them. */
    private final HashMap<String, ArrayList<String>> features;
    /** The output that is written. */
    private final String output;

    private final int rows;

    ScorePartition(String model, List<String> columns, Map<String, List<String>> features, String output, int rows) {
        this.model = model;
        this.columns = new ArrayList<>(columns);
        this.features = new HashMap<>();
        features.forEach((input, names) -> this.features.put(input, new ArrayList<>(names)));
        this.output = output;
        this.rows = rows;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> partition) {
        if (!partition.hasNext()) {
            return partition;
        }
        Session session = ExecutorSessions.of(Path.of(SparkFiles.get(model)));
        TableInput table = TableInput.of(session.model(), Map.copyOf(features));
        Iterator<BulkResult<Row>> results =
                Bulk.of(session).rows(rows).results(partition, row -> table.read(new SparkRow(columns, row)));
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return results.hasNext();
            }

            @Override
            public Row next() {
                return scored(results.next());
            }
        };
    }

    private Row scored(BulkResult<Row> result) {
        Row row = result.item();
        Object[] cells = new Object[row.size() + 2];
        for (int i = 0; i < row.size(); i++) {
            cells[i] = row.get(i);
        }
        if (result.isFailed()) {
            cells[row.size() + 1] = String.valueOf(result.failure().getMessage());
        } else {
            cells[row.size()] = scores(result.outputs());
        }
        return RowFactory.create(cells);
    }

    private Float[] scores(Outputs outputs) {
        Tensor t = outputs.tensor(output);
        Float[] scores = new Float[Math.toIntExact(t.size())];
        Arrays.setAll(scores, t::getFloat);
        return scores;
    }
}
