/**
 * Reading and writing of JSON, and of what has JSON's form: objects, arrays, text, numbers. {@link dev.tenon.formats.json.DataReader} is
 * the cursor with which readers of formats walk through a file, value by value, without building it in memory;
 * {@link dev.tenon.formats.json.JsonReader} is the cursor of JSON. Small documents, such as recipes and reports of compression,
 * are values: {@link dev.tenon.formats.json.JsonText}, and {@link dev.tenon.formats.json.Members} checks the values of an object. This is the only package that sees the parser of
 * {@code jackson-core}.
 *
 * <p>Formats do not belong here. To read another notation of the same form, write a {@code DataReader} in a package of its
 * own, as {@code dev.tenon.formats.ubjson} does.
 */
package dev.tenon.formats.json;
