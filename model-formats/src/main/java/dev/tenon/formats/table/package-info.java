/**
 * The columns of the tables that a model was trained on: their names, which of them hold categories, and the texts of these.
 * {@link dev.tenon.formats.table.Columns} is stored in the metadata of a model, so that it survives a change of format.
 *
 * <p>Values of rows do not belong here, and neither do the readers that find the columns out.
 */
package dev.tenon.formats.table;
