package dev.tenon.benchmarks.trees;

import dev.tenon.Model;
import dev.tenon.benchmarks.engine.Jpmml;
import dev.tenon.benchmarks.engine.PreparedRun;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Trees in JPMML, read from the PMML file that {@link PmmlFile} writes of them. A missing cell is a missing value. JPMML takes one
 * row at a time. The logistic function of the margins is computed here.
 */
public final class JpmmlRun implements PreparedRun {
    private final CycledRows rows;
    private final Jpmml.Evaluator evaluator;
    private final boolean wide;
    private final String[] names;
    private final Map<String, Object> row = new HashMap<>();
    private final float[] last;

    /**
     * Loads trees.
     *
     * @param file the file of the tool that trained them
     * @param rows the rows of the calls
     */
    public JpmmlRun(Path file, CycledRows rows) {
        this.rows = rows;
        this.last = new float[rows.rows()];
        this.names = new String[rows.columns()];
        for (int c = 0; c < names.length; c++) {
            names[c] = "x" + c;
        }
        Model model = Model.load(file);
        wide = ((TensorType) model.inputs().getFirst().type()).dtype() == DType.FLOAT64;
        try {
            Path pmml = Files.createTempFile("trees", ".pmml");
            try {
                PmmlFile.write(model, names.length, pmml);
                evaluator = Jpmml.load(pmml);
            } finally {
                Files.delete(pmml);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void run() {
        int from = rows.next();
        float[] table = rows.table();
        for (int r = 0; r < last.length; r++) {
            for (int c = 0; c < names.length; c++) {
                float x = table[from + r * names.length + c];
                row.put(names[c], Float.isNaN(x) ? null : wide ? (Object) (double) x : (Object) x);
            }
            double margin = evaluator.evaluate(row, "y");
            last[r] = (float) (1 / (1 + Math.exp(-margin)));
        }
    }

    @Override
    public float[] output() {
        return last.clone();
    }

    /** Does nothing. */
    @Override
    public void close() {}
}
