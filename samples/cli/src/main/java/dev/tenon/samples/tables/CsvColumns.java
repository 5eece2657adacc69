package dev.tenon.samples.tables;

import dev.tenon.Model;
import dev.tenon.error.InvalidInputException;
import dev.tenon.formats.table.Columns;
import dev.tenon.table.TableInput;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.TensorType;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The columns of a CSV file that make the inputs of a model. */
public final class CsvColumns {
    private CsvColumns() {}

    /**
     * The columns that a model names, or those of the file if it names none.
     *
     * @param model the model
     * @param header the columns of the file
     * @param kept columns that are no inputs of a model that names none
     * @param file the name of the file
     * @return the inputs
     * @throws InvalidInputException if the model names no columns and takes another number of them
     */
    public static TableInput of(Model model, List<String> header, List<String> kept, String file) {
        List<String> names = inOrder(model, header, kept, file);
        return names.isEmpty()
                ? TableInput.of(model)
                : TableInput.of(model, Map.of(model.inputs().getFirst().name(), names));
    }

    /**
     * The columns of the file for a model of one matrix that names none, as after training on arrays. The tools then call columns
     * f0, Column_0 or 0 and so on: if the file has these names, they count and not the order.
     */
    private static List<String> inOrder(Model model, List<String> header, List<String> kept, String file) {
        boolean isMatrix = model.inputs().size() == 1
                && model.inputs().getFirst().type() instanceof TensorType t
                && t.shape().hasRank()
                && t.shape().rank() == 2;
        if (!isMatrix) {
            return List.of();
        }
        Dim width = ((TensorType) model.inputs().getFirst().type()).shape().dim(1);
        List<String> named =
                Columns.of(model.metadata()).isPresent() ? TableInput.of(model).columns() : numbered(width);
        if (!IntStream.range(0, named.size())
                .allMatch(i -> List.of("f" + i, "Column_" + i, "" + i).contains(named.get(i)))) {
            return List.of();
        }
        if (!named.isEmpty() && header.containsAll(named)) {
            return named;
        }
        List<String> names =
                header.stream().filter(name -> !kept.contains(name)).toList();
        if (width.isKnown() && width.value() != names.size()) {
            throw new InvalidInputException(
                    "file " + file,
                    names.size() + " columns for a model that names none: " + String.join(", ", names),
                    width + " columns",
                    "leave the other columns out; score-csv has --columns and --keep to name them");
        }
        return names;
    }

    private static List<String> numbered(Dim width) {
        long most = width.isKnown() && width.value() <= Integer.MAX_VALUE ? width.value() : 0;
        return IntStream.range(0, (int) most).mapToObj(i -> "f" + i).toList();
    }
}
