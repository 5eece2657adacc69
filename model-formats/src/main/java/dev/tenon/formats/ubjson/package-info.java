/**
 * Reading of UBJSON (Universal Binary JSON, draft 12), the binary notation of JSON's form in which XGBoost saves models.
 * {@link dev.tenon.formats.ubjson.UbjsonReader} is the cursor.
 *
 * <p>Formats do not belong here: they read any {@link dev.tenon.formats.json.DataReader}.
 */
package dev.tenon.formats.ubjson;
