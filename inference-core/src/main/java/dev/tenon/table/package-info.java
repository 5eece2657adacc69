/**
 * Rows of tables as inputs of models. {@link dev.tenon.table.TableInput} says which column of a table goes where in the inputs
 * of a model, {@link dev.tenon.table.TableBatch} takes rows, and a {@link dev.tenon.table.TableRows} gives them: records, maps,
 * arrays of columns, or any cursor of the caller, such as one over a result of JDBC or a batch of Arrow.
 *
 * <p>Readers of files and other libraries do not belong here: their rows come through {@code TableRows}. To add another
 * source, implement that interface.
 */
package dev.tenon.table;
