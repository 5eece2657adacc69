package dev.tenon.samples.flink;

import dev.tenon.Outputs;
import dev.tenon.error.InvalidInputException;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/**
 * Scores lines of numbers with commas between them. The result is the line, and after a tab its scores, or the reason why it
 * has none.
 *
 * @param input the input of the model: a matrix with a row for each line
 * @param output the output that is written
 */
public record CsvScorer(String input, String output) implements Scorer<String, String> {
    @Override
    public Map<String, ? extends Datum> inputs(String line) {
        String[] cells = line.split(",", -1);
        float[] values = new float[cells.length];
        for (int i = 0; i < cells.length; i++) {
            try {
                values[i] = Float.parseFloat(cells[i].strip());
            } catch (NumberFormatException e) {
                throw new InvalidInputException("column " + (i + 1), "'" + cells[i] + "'", "a number", null);
            }
        }
        return Map.of(input, Tensor.of(values, 1, values.length));
    }

    @Override
    public String scored(String line, Outputs outputs) {
        return line + "\t" + Arrays.toString(outputs.tensor(output).toFloatArray());
    }

    @Override
    public String refused(String line, String reason) {
        return line + "\t" + reason;
    }
}
